#include "app/commands/table.h"
#include "app/samples.h"
#include "app/setting_values.h"
#include "app/settings.h"
#include "app/shell.h"
#include "app/widgets/fonts.h"
#include "app/widgets/numbers.h"

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <filesystem>

namespace splatscope {
namespace {

// Menu items that send a command line; their keys are those of the command.
struct Items {
    Runner& runner;
    const Keys& keys;

    void operator()(const char* label, const std::string& line, bool enabled = true,
                    bool chosen = false) const {
        const CommandRow& row = find_command(line.substr(0, line.find(' ')));
        if (ImGui::MenuItem(label, keys.of(row).c_str(), chosen, enabled)) runner.submit(line);
    }
};

std::string file_name(const Session& session) {
    std::string name;
    for (const hsa::Source& source : session.document.sources) {
        const std::size_t slash = source.path.find_last_of('/');
        if (!name.empty()) name += " + ";
        name += slash == std::string::npos ? source.path : source.path.substr(slash + 1);
    }
    return name;
}

}  // namespace

void Shell::draw_menu() {
    const Session& session = runner_.session();
    if (!ImGui::BeginMainMenuBar()) return;
    const Items item{runner_, keys_};
    if (ImGui::BeginMenu("File")) {
        item("Open ...", "window.open");
        if (ImGui::BeginMenu("Open recent", files_.has_recent())) {
            files_.draw_recent("open ");
            ImGui::EndMenu();
        }
        if (ImGui::BeginMenu("Samples")) {
            for (const std::string& name : sample_names())
                if (ImGui::MenuItem(name.c_str())) runner_.submit("open sample:" + name);
            ImGui::EndMenu();
        }
        item("Read again", "data.reload", runner_.snapshot().dataset != nullptr);
        item("Read again when it changes", "toggle watch", true, session.desk.watch);
        ImGui::Separator();
        draw_compare_menu();
        ImGui::Separator();
        item("Save the session", "window.save");
        item("Save the session as ...", "window.save_as");
        item("Export a picture ...", "window.export");
        ImGui::Separator();
        item("Save the window as a picture", "window.picture");
        item("The same without background", "window.picture_transparent");
        if (ImGui::MenuItem("Save settings as default", nullptr, false, profile_ != nullptr)) {
            std::error_code fault;
            std::filesystem::create_directories(profile_->folder(), fault);
            const std::string path = profile_->folder() + "/settings";
            runner_.submit("settings.save " + quote_word(path) + " overwrite");
        }
        ImGui::Separator();
        item("Quit", "quit");
        ImGui::EndMenu();
    }
    if (ImGui::BeginMenu("Edit")) {
        const UndoHistory& undo = runner_.undo_history();
        item(("Undo " + undo.undo_name()).c_str(), "undo", undo.can_undo());
        item(("Redo " + undo.redo_name()).c_str(), "redo", undo.can_redo());
        item("History of steps", "window.history");
        ImGui::Separator();
        item("Select all", "select.all");
        item("Select none", "select.none");
        item("Invert selection", "select.invert");
        item("Grow selection", "select.grow",
             !session.document.selection.tokens.empty() ||
                 !session.document.selection.splats.empty());
        if (ImGui::BeginMenu("Kept selections", !session.document.kept.empty())) {
            for (const auto& [name, selection] : session.document.kept)
                if (ImGui::MenuItem((name + "##kept").c_str(), describe(selection).c_str()))
                    runner_.submit("select.use " + quote_word(name));
            ImGui::EndMenu();
        }
        item("Look for words", "window.search");
        ImGui::Separator();
        const Tool tool = session.desk.tool;
        item("Drag moves", "tool.move", true, tool == Tool::move);
        item("Drag selects a rectangle", "tool.rectangle", true, tool == Tool::rectangle);
        item("Drag selects in a free line", "tool.lasso", true, tool == Tool::lasso);
        ImGui::Separator();
        item("Copy the table's rows", "table.copy", runner_.snapshot().dataset != nullptr);
        item("Select the table's rows", "table.select", runner_.snapshot().dataset != nullptr);
        ImGui::Separator();
        item("Copy the window as a picture", "view.copy_picture window");
        item("Copy how the views look", "view.copy");
        item("Paste how the views look", "view.paste");
        ImGui::EndMenu();
    }
    if (ImGui::BeginMenu("View")) {
        for (const Panel& panel : panels_) {
            const bool open = session.desk.closed_views.count(panel.view->id()) == 0;
            if (ImGui::MenuItem(panel.view->title().c_str(), nullptr, open))
                runner_.submit((open ? "view.close " : "view.open ") + panel.view->id());
        }
        ImGui::Separator();
        item("Default layout", "view.reset");
        item("Next view", "view.next");
        item("Previous view", "view.previous");
        item("Settings of this view", "view.settings");
        item("Hide panels", "window.panels", true, panels_hidden_);
        item("Full screen", "window.full_screen", true, window_.is_full_screen());
        ImGui::Separator();
        item("Larger", "view.larger");
        item("Smaller", "view.smaller");
        item("Usual size", "view.normal_size");
        ImGui::Separator();
        item("Frame everything", "camera.frame");
        item("Along the third axis", "camera.front");
        item("Along the first axis", "camera.side");
        item("Along the second axis", "camera.top");
        item("Perspective or orthographic", "camera.projection");
        if (ImGui::BeginMenu("Cameras")) {
            draw_cameras_menu();
            ImGui::EndMenu();
        }
        if (ImGui::BeginMenu("Axes of the 3-D view")) {
            draw_axes_menu();
            ImGui::EndMenu();
        }
        item("Hide selected splats", "splats.hide", !session.document.selection.splats.empty());
        item("Show hidden splats", "splats.show", !session.desk.splats.hidden.empty());
        ImGui::Separator();
        if (ImGui::BeginMenu("Theme")) {
            for (const char* name : {"dark", "light", "contrast"})
                if (ImGui::MenuItem(name, nullptr, get_setting(session, "theme") == name))
                    runner_.submit(std::string("set theme ") + name);
            ImGui::EndMenu();
        }
        ImGui::EndMenu();
    }
    if (ImGui::BeginMenu("Adapt")) {
        item("Step", "adapt.step");
        item("Step back", "adapt.back");
        item("Run, play or pause", "adapt.play");
        item("Run until it is quiet", "adapt.run");
        item("Pause", "adapt.pause");
        ImGui::Separator();
        item("Next event", "adapt.next_event");
        item("Previous event", "adapt.previous_event");
        if (ImGui::BeginMenu("Next event of a kind, or run to it")) {
            for (const char* kind : {"mitosis", "birth", "death", "merge"})
                if (ImGui::MenuItem(kind)) runner_.submit(std::string("adapt.next_event ") + kind);
            ImGui::EndMenu();
        }
        item("First cycle", "adapt.first");
        item("Last cycle", "adapt.last");
        ImGui::Separator();
        for (const char* preset : {"story", "fast"})
            if (ImGui::MenuItem(fmt::format("Rates: {}", preset).c_str(), nullptr,
                                get_setting(session, "adapt.preset") == preset))
                runner_.submit(std::string("set adapt.preset ") + preset);
        ImGui::EndMenu();
    }
    if (ImGui::BeginMenu("Explain")) {
        item("Strongest pairs", "explain.pairs");
        item("Measures", "print measures");
        item("Stage times", "print stages");
        item("History", "print history");
        ImGui::Separator();
        item("Jobs", "window.jobs");
        item("Log", "window.log");
        ImGui::EndMenu();
    }
    if (ImGui::BeginMenu("Help")) {
        item("Keys and mouse", "window.keys");
        item("All commands", "window.palette");
        item("How to read this view", "view.help");
        ImGui::Separator();
        item("First five minutes", "guide.start");
        item("Skip them", "guide.skip", session.desk.guide);
        ImGui::Separator();
        item("File of keys", "window.keys_file");
        ImGui::EndMenu();
    }
    draw_transport();
    ImGui::EndMainMenuBar();
}

void Shell::draw_axes_menu() {
    const Items item{runner_, keys_};
    const Session& session = runner_.session();
    const Document& document = session.document;
    const bool has_data = runner_.snapshot().registry != nullptr;
    const bool on_tour = document.axes.kind == hsa::AxesKind::tour;
    item("PCA of splats", "axes.splats");
    item("PCA of tokens", "axes.tokens", has_data);
    item("Separate the selection", "axes.separate",
         has_data && (!document.selection.tokens.empty() || !document.selection.splats.empty()));
    item("Separate the levels", "axes.levels", has_data);
    if (ImGui::MenuItem("From A to B...", nullptr, false, has_data)) {
        palette_text_ = "axes.between ";
        palette_open_ = palette_.to_end = true;
    }
    ImGui::Separator();
    item("Grand tour", "axes.tour", has_data);
    item(is_touring(session) ? "Pause the tour" : "Go on with the tour", "axes.pause", on_tour);
    item("Freeze and keep these axes", "axes.freeze", has_data);
    if (document.kept_axes.empty()) return;
    ImGui::Separator();
    for (const auto& [name, axes] : document.kept_axes)
        if (ImGui::MenuItem(name.c_str())) runner_.submit("axes.use " + quote_word(name));
}

// What is written in the palette waits for the rest of its line.
void Shell::draw_cameras_menu() {
    const std::vector<KeptCamera>& cameras = runner_.session().desk.splats.cameras;
    const auto begin_line = [this](const char* label, const char* line, bool enabled) {
        if (!ImGui::MenuItem(label, nullptr, false, enabled)) return;
        palette_text_ = line;
        palette_open_ = palette_.to_end = true;
    };
    begin_line("Keep this camera ...", "camera.keep ", true);
    begin_line("Pictures along the kept ones ...", "view.sequence splats path.webp path : 120",
               cameras.size() > 1);
    if (cameras.empty()) return;
    ImGui::Separator();
    for (const KeptCamera& one : cameras)
        if (ImGui::MenuItem(one.name.c_str())) runner_.submit("camera.use " + quote_word(one.name));
}

// What the attention shown is compared with.
void Shell::draw_compare_menu() {
    const Items item{runner_, keys_};
    const Session& session = runner_.session();
    const bool open = runner_.snapshot().dataset != nullptr;
    const Compare& compare = session.document.compare;
    item("Compare with a file ...", "window.compare", open, compare.kind == CompareKind::file);
    if (!ImGui::BeginMenu("Compare with", open)) return;
    files_.draw_recent("compare.open ");
    if (files_.has_recent()) ImGui::Separator();
    for (const std::string& name : sample_names())
        if (ImGui::MenuItem(("sample " + name).c_str()))
            runner_.submit("compare.open sample:" + name);
    ImGui::Separator();
    item("The target", "compare.set target", runner_.snapshot().target != nullptr,
         compare.kind == CompareKind::target);
    item("The first cycle", "compare.set cycle 0", session.document.timeline.last > 0,
         compare.kind == CompareKind::cycle);
    const std::size_t branches = session.document.branches.size();
    item("The branch that was left last",
         fmt::format("compare.set branch {}", branches == 0 ? 0 : branches - 1), branches > 0,
         compare.kind == CompareKind::branch);
    ImGui::Separator();
    item("Nothing", "compare.set none", compare.kind != CompareKind::none);
    ImGui::EndMenu();
}

// What is open and the search, then backend, cycle and the buttons that move through time at the
// right end of the menu bar. What has no room is left out, the buttons last.
void Shell::draw_transport() {
    const hsa::Snapshot& snapshot = runner_.snapshot();
    const float scale = ImGui::GetStyle().FontScaleMain;
    constexpr float kAir = 20.0F;
    constexpr float kSearch = 210.0F;
    constexpr float kButtons = 200.0F;
    const std::string cycle = fmt::format("cycle {} of {}", snapshot.cycle,
                                          snapshot.history ? snapshot.history->last() : 0);
    const std::string name = file_name(runner_.session());
    std::string about;
    if (snapshot.dataset) {
        about = counted(snapshot.dataset->size(), "token");
        if (snapshot.dataset->embeddings.rows.cols > 0)
            about += fmt::format("   {} dims", snapshot.dataset->embeddings.rows.cols);
        if (snapshot.registry) about += "   " + counted(snapshot.registry->size(), "splat");
    }
    const float left = ImGui::GetCursorPosX();
    float right = ImGui::GetWindowWidth() - kButtons * scale;
    float room = right - left - kAir * scale;
    const auto take = [&](float width) {
        if (width <= 0.0F || room < width + kAir * scale) return 0.0F;
        room -= width + kAir * scale;
        return width + kAir * scale;
    };
    const auto words = [](const std::string& text) {
        return text.empty() ? 0.0F : ImGui::CalcTextSize(text.c_str()).x;
    };
    ImGui::PushFont(font_of(Font::bold), 0.0F);
    const float name_width = take(words(name));
    ImGui::PopFont();
    const float cycle_width = take(words(cycle));
    const float search_width = take(kSearch * scale);
    const float about_width = take(words(about));
    std::string backend;
    float backend_width = 0.0F;
    for (const std::string& form : backend_forms())
        if (backend_width == 0.0F && (backend_width = take(words(form))) > 0.0F) backend = form;
    if (name_width > 0.0F) {
        ImGui::SetCursorPosX(left + kAir * scale);
        ImGui::PushFont(font_of(Font::bold), 0.0F);
        ImGui::TextUnformatted(name.c_str());
        ImGui::PopFont();
    }
    if (about_width > 0.0F) {
        ImGui::SameLine(left + name_width + kAir * scale);
        ImGui::TextDisabled("%s", about.c_str());
    }
    right -= cycle_width;
    if (cycle_width > 0.0F) {
        ImGui::SameLine(right);
        ImGui::TextUnformatted(cycle.c_str());
    }
    right -= backend_width;
    if (backend_width > 0.0F) {
        ImGui::SameLine(right);
        draw_backend(backend);
    }
    if (search_width > 0.0F) {
        ImGui::SameLine(right - search_width);
        ImGui::SetNextItemWidth(kSearch * scale);
        draw_search();
    } else if (focus_search_) {
        focus_search_ = false;
        say("The window is too narrow for the search: widen it, or use select.text (Ctrl+P).",
            true);
    }
    ImGui::SameLine(ImGui::GetWindowWidth() - kButtons * scale);
    draw_buttons();
}

void Shell::draw_search() {
    if (focus_search_) give_keyboard_to(ImGui::GetID("##search"));
    focus_search_ = false;
    if (ImGui::InputTextWithHint(
            "##search", "Search words   Ctrl+F", &search_text_,
            ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll) &&
        !search_text_.empty()) {
        const ImGuiIO& io = ImGui::GetIO();
        const char* how = io.KeyCtrl ? "text " : io.KeyShift ? "previous " : "next ";
        runner_.submit("select." + std::string(how) + quote_word(search_text_));
        focus_search_ = !io.KeyCtrl;  // so that Enter goes on
    }
    ImGui::SetItemTooltip(
        "Enter: the next place; Shift+Enter: the one before; Ctrl+Enter: all, "
        "and what they attend to");
}

void Shell::draw_buttons() {
    const auto button = [&](const char* label, const char* line, const char* tip) {
        if (ImGui::SmallButton(label)) runner_.submit(line);
        ImGui::SetItemTooltip("%s", tip);
        ImGui::SameLine();
    };
    button("|<", "adapt.first", "first cycle (Home)");
    button(" < ", "adapt.back", "one cycle back (,)");
    if (ImGui::SmallButton(playing_ || runner_.busy() ? " || " : "run"))
        runner_.submit("adapt.play");
    ImGui::SetItemTooltip("%s", "run, play or pause (Space)");
    ImGui::SameLine();
    button(" > ", "adapt.step", "one cycle on (.)");
    button(">|", "adapt.last", "last cycle (End)");
}

}  // namespace splatscope
