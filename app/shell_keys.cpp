#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/shell.h"

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <cctype>
#include <string>

namespace splatscope {
namespace {

// Keys whose names are no letter or digit.
struct NamedKey {
    const char* name;
    ImGuiKey key;
    bool shift;
};
constexpr NamedKey kNamed[] = {{".", ImGuiKey_Period, false},  {",", ImGuiKey_Comma, false},
                               {"<", ImGuiKey_Comma, true},    {">", ImGuiKey_Period, true},
                               {"Home", ImGuiKey_Home, false}, {"End", ImGuiKey_End, false},
                               {"Esc", ImGuiKey_Escape, false}};

// "Ctrl+Shift+Z" as ImGui takes it; 0 when there is no such key.
ImGuiKeyChord chord_of(std::string text) {
    ImGuiKeyChord chord = 0;
    for (const auto& [name, flag] :
         {std::pair{"Ctrl+", ImGuiMod_Ctrl}, std::pair{"Shift+", ImGuiMod_Shift},
          std::pair{"Alt+", ImGuiMod_Alt}}) {
        const std::size_t at = text.find(name);
        if (at == std::string::npos) continue;
        chord |= flag;
        text.erase(at, std::string(name).size());
    }
    if (text.size() == 1 && std::isalpha(static_cast<unsigned char>(text[0])) != 0)
        return chord | (ImGuiKey_A + (std::toupper(static_cast<unsigned char>(text[0])) - 'A'));
    if (text.size() == 1 && std::isdigit(static_cast<unsigned char>(text[0])) != 0)
        return chord | (ImGuiKey_0 + (text[0] - '0'));
    for (const NamedKey& named : kNamed)
        if (text == named.name) return chord | named.key | (named.shift ? ImGuiMod_Shift : 0);
    return 0;
}

}  // namespace

void Shell::take_keys() {
    if (exporting_) return;
    if (ImGui::IsKeyChordPressed(ImGuiMod_Ctrl | ImGuiKey_P)) palette_open_ = true;
    if (ImGui::IsKeyChordPressed(ImGuiMod_Ctrl | ImGuiKey_O)) dialog_open_ = true;
    if (ImGui::IsKeyChordPressed(ImGuiMod_Ctrl | ImGuiKey_F)) focus_search_ = true;
    if (ImGui::IsKeyPressed(ImGuiKey_F1, false)) keys_open_ = !keys_open_;
    if (ImGui::IsKeyPressed(ImGuiKey_F10, false)) panels_hidden_ = !panels_hidden_;
    if (ImGui::IsKeyPressed(ImGuiKey_F12, false))
        runner_.submit(fmt::format("view.export window splatscope-{}.png", ++screenshots_));
    if (ImGui::GetIO().WantTextInput) return;
    if (ImGui::IsKeyPressed(ImGuiKey_Space, false)) play_or_pause();
    if (ImGui::IsKeyChordPressed(ImGuiMod_Shift | ImGuiKey_Slash)) keys_open_ = true;
    for (const CommandRow& row : command_table()) {
        std::string keys = row.shortcut;
        while (!keys.empty()) {
            const std::size_t blank = keys.find(' ');
            const ImGuiKeyChord chord = chord_of(keys.substr(0, blank));
            if (chord != 0 && ImGui::IsKeyChordPressed(chord)) runner_.submit(row.name);
            keys = blank == std::string::npos ? "" : keys.substr(blank + 1);
        }
    }
    const Timeline& timeline = runner_.session().document.timeline;
    if (playing_ && time_ >= next_play_) {
        if (timeline.cursor >= timeline.last) {
            playing_ = false;
        } else if (runner_.complete()) {
            runner_.submit("adapt.step");
            next_play_ = time_ + 1.0 / runner_.session().desk.timeline.speed;
        }
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

void Shell::draw_palette() {
    if (!palette_open_) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos({viewport->GetWorkCenter().x, viewport->WorkPos.y + 80.0F},
                            ImGuiCond_Always, {0.5F, 0.0F});
    ImGui::SetNextWindowSize({640.0F, 420.0F});
    if (ImGui::Begin("Commands##palette", &palette_open_,
                     ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoCollapse |
                         ImGuiWindowFlags_NoSavedSettings)) {
        if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
        ImGui::SetNextItemWidth(-1.0F);
        const bool entered =
            ImGui::InputTextWithHint("##line", "a command, or part of its name", &palette_text_,
                                     ImGuiInputTextFlags_EnterReturnsTrue);
        std::string only;
        ImGui::BeginChild("rows");
        for (const CommandRow& row : command_table()) {
            if (!palette_text_.empty() && row.name.find(palette_text_) == std::string::npos &&
                row.help.find(palette_text_) == std::string::npos)
                continue;
            if (only.empty()) only = row.name;
            if (ImGui::Selectable(row.name.c_str(), false)) {
                if (row.arguments.empty() || row.arguments.front() == '[') {
                    runner_.submit(row.name);
                    palette_open_ = false;
                } else {
                    palette_text_ = row.name + " ";
                }
            }
            ImGui::SameLine(190.0F);
            ImGui::TextDisabled("%s", row.arguments.c_str());
            ImGui::SameLine(430.0F);
            ImGui::TextDisabled("%s", row.shortcut.c_str());
            if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", row.help.c_str());
        }
        ImGui::EndChild();
        if (entered && !palette_text_.empty()) {
            const bool known = std::any_of(
                command_table().begin(), command_table().end(), [&](const CommandRow& row) {
                    return row.name == palette_text_.substr(0, palette_text_.find(' '));
                });
            runner_.submit(known || only.empty() ? palette_text_ : only);
            palette_text_.clear();
            palette_open_ = false;
        }
        if (ImGui::IsKeyPressed(ImGuiKey_Escape)) palette_open_ = false;
    }
    ImGui::End();
}

void Shell::draw_keys_sheet() {
    if (!keys_open_) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    if (ImGui::Begin("Keys", &keys_open_,
                     ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_AlwaysAutoResize |
                         ImGuiWindowFlags_NoSavedSettings)) {
        const auto line = [](const char* key, const char* what) {
            ImGui::TextUnformatted(key);
            ImGui::SameLine(150.0F);
            ImGui::TextDisabled("%s", what);
        };
        for (const CommandRow& row : command_table())
            if (!row.shortcut.empty()) line(row.shortcut.c_str(), row.help.c_str());
        line("Space", "run, play the past, or pause");
        line("Ctrl+O  Ctrl+P  Ctrl+F", "open a file, all commands, search words");
        line("F1  F10  F12", "this sheet, hide panels, save the window as a picture");
        ImGui::Separator();
        line("drag", "orbit (3-D) or pan; right or middle drag pans");
        line("wheel", "zoom at the cursor");
        line("click, Shift, Ctrl", "select, add, remove");
        line("Shift+drag", "select a rectangle or a stretch");
    }
    ImGui::End();
}

void Shell::draw_open_dialog() {
    if (!dialog_open_) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    if (ImGui::Begin("Open a file", &dialog_open_,
                     ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_AlwaysAutoResize |
                         ImGuiWindowFlags_NoSavedSettings)) {
        if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
        ImGui::SetNextItemWidth(480.0F);
        const bool entered = ImGui::InputTextWithHint(
            "##path", "path of a text, vectors, splats, a run or a session", &dialog_text_,
            ImGuiInputTextFlags_EnterReturnsTrue);
        const bool pressed = ImGui::Button("Open");
        ImGui::SameLine();
        ImGui::TextDisabled("or drop the file on the window");
        if ((entered || pressed) && !dialog_text_.empty()) {
            runner_.submit("open " + quote_word(dialog_text_));
            dialog_text_.clear();
            dialog_open_ = false;
        }
        if (ImGui::IsKeyPressed(ImGuiKey_Escape)) dialog_open_ = false;
    }
    ImGui::End();
}

}  // namespace splatscope
