#include "app/shell_files.h"

#include "app/setting_values.h"
#include "app/widgets/numbers.h"
#include "app/widgets/style.h"
#include "engine/core/error.h"

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace splatscope {
namespace {

constexpr std::string_view kMatchCommand = "explain.match ";
constexpr ImGuiWindowFlags kFitted = ImGuiWindowFlags_AlwaysAutoResize;

}  // namespace

ShellFiles::ShellFiles(Runner& runner, const Profile* profile, bool desktop, TextureCache& textures,
                       std::function<void(const std::string&, bool)> say)
    : runner_(runner),
      profile_(profile),
      desktop_(desktop),
      textures_(textures),
      say_(std::move(say)) {
    if (profile_ == nullptr) return;
    thumbnails_.emplace(profile_->folder());
    recent_ = profile_->recent();
    lost_ = Autosave::find_lost(profile_->folder());
    autosave_.emplace(profile_->folder());
}

void ShellFiles::draw(bool focus) {
    draw_path_field();
    draw_match();
    draw_lost(focus);
}

// The desktop's dialog where there is one; else a field to write a path in.
void ShellFiles::ask(PathFor what) {
    const std::string& own = runner_.session().desk.own_file;
    const std::string name = own.empty() ? "work.session" : own;
    path_for_ = what;
    if (desktop_ && FileDialog::available()) {
        if (what == PathFor::save)
            dialog_.ask_save(name, "Save the session", {"Sessions", "*.session", "All files", "*"});
        else dialog_.ask_open();
        return;
    }
    path_text_ = what == PathFor::save ? name : std::string();
    focus_path_ = true;
}

void ShellFiles::take_path(const std::string& path) {
    const char* command = path_for_ == PathFor::save      ? "session.save "
                          : path_for_ == PathFor::compare ? "compare.open "
                                                          : "open ";
    runner_.submit(command + quote_word(path));
    path_for_ = PathFor::nothing;
}

void ShellFiles::draw_path_field() {
    if (path_for_ == PathFor::nothing) return;
    if (dialog_.is_shown()) {
        const std::string path = dialog_.take();
        if (!path.empty()) take_path(path);
        else if (!dialog_.is_shown()) path_for_ = PathFor::nothing;
        return;
    }
    const bool saves = path_for_ == PathFor::save;
    const bool compares = path_for_ == PathFor::compare;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    bool open = true;
    if (begin_above(saves      ? "Save the session"
                    : compares ? "Compare with a file"
                               : "Open a file",
                    &open, kFitted)) {
        if (focus_path_) ImGui::SetKeyboardFocusHere();
        focus_path_ = false;
        ImGui::SetNextItemWidth(480.0F * ImGui::GetStyle().FontScaleMain);
        const bool entered = ImGui::InputTextWithHint(
            "##path",
            saves      ? "path of the session"
            : compares ? "path of the second side"
                       : "path of a text, vectors, splats, a run or a session",
            &path_text_, ImGuiInputTextFlags_EnterReturnsTrue);
        const bool pressed = ImGui::Button(saves ? "Save" : compares ? "Compare" : "Open");
        ImGui::SameLine();
        ImGui::TextDisabled("%s", saves      ? "a file of that name is replaced"
                                  : compares ? "or drop the file with Shift held down"
                                             : "or drop the file on the window");
        if ((entered || pressed) && !path_text_.empty()) take_path(path_text_);
    }
    ImGui::End();
    if (!open) path_for_ = PathFor::nothing;
}

// One file at a time on open data: words on vectors, or vectors on words, are counted first.
void ShellFiles::take_dropped(const std::vector<std::string>& files, bool to_compare) {
    if (files.empty()) return;
    if (to_compare) {
        runner_.submit("compare.open " + quote_word(files.front()));
        if (files.size() > 1)
            say_(
                fmt::format("One file is compared with: {} of the {} dropped.",
                            std::filesystem::path(files.front()).filename().string(), files.size()),
                false);
        return;
    }
    const bool beside = files.size() == 1 && runner_.snapshot().dataset != nullptr;
    for (const std::string& file : files)
        runner_.submit((beside ? std::string(kMatchCommand) : "open ") + quote_word(file));
}

bool ShellFiles::take(const Outcome& outcome) {
    if (!outcome.line.starts_with(kMatchCommand) || outcome.output.empty()) return false;
    const nlohmann::json answer = nlohmann::json::parse(outcome.output);
    Match match;
    match.path = answer.at("path").get<std::string>();
    if (!answer.contains("tokens")) {
        runner_.submit("open " + quote_word(match.path));
        return true;
    }
    match.agree = answer.at("agree").get<bool>();
    match.sentence =
        fmt::format("{} has {}, what is open has {}: {}.",
                    std::filesystem::path(match.path).filename().string(),
                    counted(answer.at("tokens").get<std::size_t>(), "token"),
                    count_text(answer.at("open").get<std::size_t>()),
                    match.agree ? "they agree, one for one" : "they do not belong together");
    match_ = std::move(match);
    return true;
}

void ShellFiles::draw_match() {
    if (!match_) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    bool open = true;
    if (begin_above("Words and vectors", &open, kFitted)) {
        ImGui::TextUnformatted(match_->sentence.c_str());
        const std::string line = "open " + quote_word(match_->path);
        if (match_->agree && ImGui::Button("Use them together")) {
            runner_.submit(line);
            open = false;
        }
        if (match_->agree) ImGui::SameLine();
        if (ImGui::Button("Open it alone")) {
            runner_.submit(line + " alone");
            open = false;
        }
        ImGui::SameLine();
        if (ImGui::Button("Leave it")) open = false;
    }
    ImGui::End();
    if (!open) match_.reset();
}

// A square, or the room of one where there is no picture.
void ShellFiles::draw_thumbnail(const std::string& path, float side) {
    const Image* image = thumbnails_ ? thumbnails_->of(path) : nullptr;
    if (image == nullptr) {
        ImGui::Dummy({side, side});
        return;
    }
    ImGui::Image(static_cast<ImTextureID>(textures_.texture(*image)), {side, side});
}

void ShellFiles::draw_recent(const char* command, bool roomy) {
    const float scale = ImGui::GetStyle().FontScaleMain;
    constexpr float kBeside = 36.0F;
    constexpr float kInTooltip = 128.0F;
    for (const std::string& path : recent_) {
        ImGui::PushID(path.c_str());
        if (roomy) {
            draw_thumbnail(path, kBeside * scale);
            ImGui::SameLine();
            ImGui::SetCursorPosY(ImGui::GetCursorPosY() +
                                 0.5F * (kBeside * scale - ImGui::GetTextLineHeight()));
        }
        if (ImGui::MenuItem(std::filesystem::path(path).filename().string().c_str()))
            runner_.submit(command + quote_word(path));
        if (ImGui::BeginItemTooltip()) {
            if (thumbnails_ && thumbnails_->of(path) != nullptr)
                draw_thumbnail(path, kInTooltip * scale);
            ImGui::TextUnformatted(path.c_str());
            ImGui::EndTooltip();
        }
        ImGui::PopID();
    }
}

// Once its attention is there, on the look lane: the list remembers the file by its map.
void ShellFiles::picture_shown_file() {
    const std::shared_ptr<const hsa::Snapshot> snapshot = runner_.snapshot_pointer();
    if (!snapshot->factors || recent_.empty()) return;
    // The first of what is open that the list holds.
    std::string file;
    for (const hsa::Source& source : runner_.session().document.sources) {
        const std::string whole =
            std::filesystem::absolute(source.path).lexically_normal().string();
        if (file.empty() && std::find(recent_.begin(), recent_.end(), whole) != recent_.end())
            file = whole;
    }
    if (file.empty()) return;
    runner_.engine().ask([session = runner_.session(), snapshot, file, kept = recent_,
                          made = thumbnail_made_,
                          folder = profile_->folder()](hsa::Backend&, const hsa::Work& work) {
        try {
            keep_thumbnail(folder, file, thumbnail_of(session, *snapshot, work), kept);
            *made = true;
        } catch (const std::exception&) {
            // The list does without: nobody asked for the picture.
        }
    });
}

// After a crash: what was saved by itself, what the person had saved, or neither.
void ShellFiles::draw_lost(bool focus) {
    if (!lost_) return;
    if (focus) ImGui::SetNextWindowFocus();
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    bool done = false;
    if (begin_above("The program ended without closing", nullptr, kFitted)) {
        ImGui::Text("Its session was saved by itself: %s.",
                    lost_->data.empty() ? "no data" : lost_->data.c_str());
        if (ImGui::Button("Recover")) {
            runner_.submit("session.recover " + quote_word(lost_->path));
            done = true;
        }
        ImGui::SameLine();
        ImGui::BeginDisabled(lost_->own_file.empty());
        if (ImGui::Button("Open saved")) {
            runner_.submit("session.open " + quote_word(lost_->own_file));
            done = true;
        }
        ImGui::EndDisabled();
        if (!lost_->own_file.empty()) ImGui::SetItemTooltip("%s", lost_->own_file.c_str());
        ImGui::SameLine();
        if (ImGui::Button("Skip")) done = true;
    }
    ImGui::End();
    if (!done) return;
    // Recovering reads the file in the next frame; it is gone when this program closes.
    lost_to_remove_.push_back(lost_->path);
    lost_to_remove_.push_back(
        std::filesystem::path(lost_->path).replace_extension(".run").string());
    lost_.reset();
}

void ShellFiles::keep_safe(double now) {
    if (profile_ == nullptr) return;
    if (thumbnails_) thumbnails_->next_frame();
    if (thumbnail_made_->exchange(false)) thumbnails_->forget();
    std::string fault;
    try {
        fault = autosave_->look_at(runner_.session(),
                                   runner_.answers_session() ? runner_.snapshot_pointer() : nullptr,
                                   now);
    } catch (const hsa::Error& error) {
        fault = std::string("The session is not saved by itself: ") + error.what();
    }
    if (!fault.empty()) say_(fault, true);
    const Document& document = runner_.session().document;
    const bool has_second = document.compare.kind == CompareKind::file &&
                            runner_.other().stage == OtherState::Stage::ready;
    const std::string second = has_second ? document.compare.argument : seen_other_;
    if ((document.sources == seen_sources_ && second == seen_other_) || !runner_.complete()) return;
    seen_sources_ = document.sources;
    seen_other_ = second;
    try {
        if (has_second) profile_->remember(second);
        for (const hsa::Source& source : document.sources) profile_->remember(source.path);
        recent_ = profile_->recent();
        picture_shown_file();
    } catch (const hsa::Error& error) {
        say_(error.what(), true);
    }
}

void ShellFiles::close() {
    if (profile_ == nullptr) return;
    std::error_code ignored;
    for (const std::string& path : lost_to_remove_) std::filesystem::remove(path, ignored);
    try {
        profile_->write(runner_.session_to_keep());
    } catch (const hsa::Error& error) {
        fmt::print(stderr, "splatscope: the settings were not kept: {}\n", error.what());
    }
}

}  // namespace splatscope
