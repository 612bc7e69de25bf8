#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/shell.h"
#include "app/view_state.h"
#include "engine/core/error.h"

#include <imgui.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

namespace splatscope {
namespace {

// Keys whose names are no letter or digit; several keys may carry one sign.
struct NamedKey {
    const char* name;
    ImGuiKey key;
    bool shift;
};
constexpr std::array<NamedKey, 18> kNamed = {{{"Tab", ImGuiKey_Tab, false},
                                              {"Enter", ImGuiKey_Enter, false},
                                              {"Insert", ImGuiKey_Insert, false},
                                              {"Delete", ImGuiKey_Delete, false},
                                              {".", ImGuiKey_Period, false},
                                              {",", ImGuiKey_Comma, false},
                                              {"<", ImGuiKey_Comma, true},
                                              {">", ImGuiKey_Period, true},
                                              {"?", ImGuiKey_Slash, true},
                                              {"+", ImGuiKey_Equal, true},
                                              {"+", ImGuiKey_Equal, false},
                                              {"+", ImGuiKey_KeypadAdd, false},
                                              {"-", ImGuiKey_Minus, false},
                                              {"-", ImGuiKey_KeypadSubtract, false},
                                              {"Home", ImGuiKey_Home, false},
                                              {"End", ImGuiKey_End, false},
                                              {"Esc", ImGuiKey_Escape, false},
                                              {"Space", ImGuiKey_Space, false}}};

// "Ctrl+Shift+Z" as ImGui takes it; every chord that the words name, none when there is no such
// key.
std::vector<ImGuiKeyChord> chords_of(std::string text) {
    ImGuiKeyChord modifiers = 0;
    for (const auto& [name, flag] :
         {std::pair{"Ctrl+", ImGuiMod_Ctrl}, std::pair{"Shift+", ImGuiMod_Shift},
          std::pair{"Alt+", ImGuiMod_Alt}}) {
        if (!text.starts_with(name)) continue;
        modifiers |= flag;
        text.erase(0, std::string(name).size());
    }
    const auto letter = text.empty() ? 0 : std::toupper(static_cast<unsigned char>(text[0]));
    if (text.size() == 1 && std::isalpha(letter) != 0)
        return {modifiers | (ImGuiKey_A + (letter - 'A'))};
    if (text.size() == 1 && std::isdigit(letter) != 0)
        return {modifiers | (ImGuiKey_0 + (letter - '0')),
                modifiers | (ImGuiKey_Keypad0 + (letter - '0'))};
    if (text.size() > 1 && text.size() <= 3 && letter == 'F' &&
        text.find_first_not_of("0123456789", 1) == std::string::npos) {
        const int number = std::stoi(text.substr(1));
        if (number < 1 || number > 12) return {};
        return {modifiers | (ImGuiKey_F1 + (number - 1))};
    }
    std::vector<ImGuiKeyChord> chords;
    for (const NamedKey& named : kNamed)
        if (text == named.name)
            chords.push_back(modifiers | named.key | (named.shift ? ImGuiMod_Shift : 0));
    return chords;
}

// Whether the chord types nothing: such keys act in a text field, too.
bool types_nothing(ImGuiKeyChord chord) {
    const int key = chord & ~ImGuiMod_Mask_;
    return (chord & ImGuiMod_Ctrl) != 0 || (key >= ImGuiKey_F1 && key <= ImGuiKey_F12);
}

// Whether one of the keys of a row went down; held keys repeat for steps, which is what is wanted.
bool is_pressed(const CommandRow& row, const Keys& keys, bool typing) {
    if (typing && !row.while_typing) return false;
    for (const std::string& key : split_words(keys.of(row)))
        for (const ImGuiKeyChord chord : chords_of(key))
            if ((!typing || types_nothing(chord)) && ImGui::IsKeyChordPressed(chord)) return true;
    return false;
}

}  // namespace

bool is_key(const std::string& text) { return !chords_of(text).empty(); }

void Shell::take_keys() {
    if (exporting_) return;
    if (ImGui::IsMouseClicked(0)) by_keys_ = false;
    for (const ImGuiKey key : {ImGuiKey_Tab, ImGuiKey_F6, ImGuiKey_UpArrow, ImGuiKey_DownArrow,
                               ImGuiKey_LeftArrow, ImGuiKey_RightArrow})
        by_keys_ = by_keys_ || ImGui::IsKeyPressed(key, false);
    // In a sheet, arrows, Space and Enter go through its buttons.
    const bool typing = ImGui::GetIO().WantTextInput || sheet_has_keys();
    // Esc belongs to what is being dragged, then to what lies on top.
    const bool held = std::any_of(panels_.begin(), panels_.end(),
                                  [](const Panel& panel) { return panel.drawn.holding; });
    if (held && ImGui::IsKeyPressed(ImGuiKey_Escape, false)) return;
    const bool on_top =
        palette_open_ || keys_open_ || files_.is_asking() || sheets_.any_open() || sheet_.is_open();
    if (on_top && ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
        palette_open_ = keys_open_ = false;
        files_.stop_asking();
        sheets_.close();
        sheet_.close();
        return;
    }
    if (ImGui::IsKeyPressed(ImGuiKey_Escape, false)) key_pointer_.leave();
    for (const CommandRow& row : command_table())
        if (is_pressed(row, keys_, typing))
            // A run that goes on is stopped at once, whatever waits behind it.
            runner_.submit(row.name == "adapt.play" && !playing_ && !runner_.complete()
                               ? "adapt.pause"
                               : row.name);
    play_on();
}

// While the past is played: one cycle further when its time has come.
void Shell::play_on() {
    if (!playing_ || time_ < next_play_) return;
    const Timeline& timeline = runner_.session().document.timeline;
    if (timeline.cursor >= timeline.last) {
        playing_ = false;
    } else if (runner_.complete()) {
        runner_.submit("adapt.step");
        next_play_ = time_ + 1.0 / runner_.session().desk.timeline.speed;
    }
}

// Space: before the last cycle the past is played, at the last it runs; while something runs it
// pauses.
void Shell::play_or_pause() {
    const Timeline& timeline = runner_.session().document.timeline;
    if (playing_) {
        playing_ = false;
    } else if (!runner_.complete()) {
        runner_.submit("adapt.pause");
    } else if (timeline.cursor < timeline.last) {
        playing_ = true;
        next_play_ = time_;
    } else {
        runner_.submit("adapt.run");
    }
}

void Shell::act(WindowAction action) {
    switch (action) {
        case WindowAction::open: files_.ask(PathFor::open); break;
        case WindowAction::compare: files_.ask(PathFor::compare); break;
        case WindowAction::save:
            if (runner_.session().desk.own_file.empty()) files_.ask(PathFor::save);
            else runner_.submit("session.save " + quote_word(runner_.session().desk.own_file));
            break;
        case WindowAction::save_as: files_.ask(PathFor::save); break;
        case WindowAction::palette: palette_open_ = true; break;
        case WindowAction::search: focus_search_ = true; break;
        case WindowAction::keys: keys_open_ = !keys_open_; break;
        case WindowAction::panels: panels_hidden_ = !panels_hidden_; break;
        case WindowAction::full_screen: window_.set_full_screen(!window_.is_full_screen()); break;
        case WindowAction::picture: save_picture(false); break;
        case WindowAction::picture_transparent: save_picture(true); break;
        case WindowAction::export_picture: sheet_.open(view_under_pointer()); break;
        case WindowAction::copy_picture:
            runner_.submit("view.copy_picture " + view_under_pointer());
            break;
        case WindowAction::play: play_or_pause(); break;
        case WindowAction::log: sheets_.toggle(ShellSheets::Sheet::log); break;
        case WindowAction::jobs: sheets_.toggle(ShellSheets::Sheet::jobs); break;
        case WindowAction::history: sheets_.toggle(ShellSheets::Sheet::history); break;
        case WindowAction::menu: to_menu_ = true; break;
        case WindowAction::keys_file: read_keys_file(true); break;
        case WindowAction::next_view: focus_view(1); break;
        case WindowAction::previous_view: focus_view(-1); break;
        case WindowAction::help_of_view: show_help_of_view(); break;
        case WindowAction::settings_of_view:
            if (focused_.empty()) focus_view(1);
            settings_of_ = focused_.empty() ? to_focus_ : focused_;
            break;
        case WindowAction::copy_view: copy_view(); break;
        case WindowAction::paste_view:
            runner_.submit("view.restore " + quote_word(window_.clipboard()));
            break;
    }
}

// With what the tooltip says, raw values too.
void Shell::copy_view() {
    nlohmann::json state = view_state(runner_.session());
    for (const Panel& panel : panels_)
        if (!panel.drawn.tooltip.empty()) state["under_pointer"] = panel.drawn.tooltip;
    const bool pointed = state.contains("under_pointer");
    window_.set_clipboard(state.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
                          "\n");
    say(pointed ? "Copied how the views look, with what is under the pointer."
                : "Copied how the views look.",
        false);
}

std::string Shell::view_under_pointer() const {
    const ImVec2 at = ImGui::GetIO().MousePos;
    for (const Panel& panel : panels_)
        if (!panel.drawn.texts.empty() && panel.canvas.contains({at.x, at.y}))
            return panel.view->id();
    return "window";
}

// Under the next free name: a picture never replaces another.
void Shell::save_picture(bool transparent) {
    std::string path;
    int number = 0;
    saved_picture_ = true;
    do path = fmt::format("splatscope-{}.png", ++number);
    while (std::filesystem::exists(path));
    runner_.submit(fmt::format("view.export window {}{}", path, transparent ? " transparent" : ""));
}

}  // namespace splatscope
