#include "app/bindings.h"
#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/shell.h"
#include "app/widgets/style.h"

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <string>
#include <vector>

namespace splatscope {
namespace {

struct PaletteRow {
    std::string line;  // what is run, or its first word
    std::string arguments;
    std::string keys;
    std::string help;
    bool whole = false;  // run as it stands

    [[nodiscard]] bool matches(const std::string& text) const {
        return text.empty() || line.find(text) != std::string::npos ||
               help.find(text) != std::string::npos;
    }
};

// Whether a command can do without all of its arguments: nothing stands outside brackets.
bool all_optional(const std::string& arguments) {
    int depth = 0;
    for (const char c : arguments) {
        if (c == '[') ++depth;
        else if (c == ']') --depth;
        else if (depth == 0 && c != ' ' && c != '.') return false;  // [CYCLE]... is optional, too
    }
    return true;
}

// Every command, and below select.use the selections that were kept.
std::vector<PaletteRow> palette_rows(const Session& session) {
    std::vector<PaletteRow> rows;
    for (const CommandRow& row : command_table()) {
        rows.push_back({row.name, row.arguments, row.keys, row.help, all_optional(row.arguments)});
        if (row.name != "select.use") continue;
        for (const auto& [name, selection] : session.document.kept)
            rows.push_back({row.name + " " + quote_word(name), describe(selection), "",
                            "selects what was kept as " + name, true});
    }
    return rows;
}

}  // namespace

void Shell::draw_palette() {
    if (!palette_open_) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const float scale = ImGui::GetStyle().FontScaleMain;
    ImGui::SetNextWindowPos({viewport->GetWorkCenter().x, viewport->WorkPos.y + 80.0F * scale},
                            ImGuiCond_Always, {0.5F, 0.0F});
    ImGui::SetNextWindowSize({640.0F * scale, 420.0F * scale});
    if (begin_above("Commands##palette", &palette_open_, 0)) {
        if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
        ImGui::SetNextItemWidth(-1.0F);
        const bool entered =
            ImGui::InputTextWithHint("##line", "a command, or part of its name", &palette_text_,
                                     ImGuiInputTextFlags_EnterReturnsTrue);
        std::string only;
        ImGui::BeginChild("rows");
        for (const PaletteRow& row : palette_rows(runner_.session())) {
            if (!row.matches(palette_text_)) continue;
            if (only.empty()) only = row.line;
            if (ImGui::Selectable(row.line.c_str(), false)) {
                if (row.whole) {
                    runner_.submit(row.line);
                    palette_open_ = false;
                } else {
                    palette_text_ = row.line + " ";
                }
            }
            ImGui::SameLine(190.0F * scale);
            ImGui::TextDisabled("%s", row.arguments.c_str());
            ImGui::SameLine(430.0F * scale);
            ImGui::TextDisabled("%s", row.keys.c_str());
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
    }
    ImGui::End();
}

void Shell::draw_keys_sheet() {
    if (!keys_open_) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    if (begin_above("Keys", &keys_open_, ImGuiWindowFlags_AlwaysAutoResize)) {
        for (const Binding& binding : bindings()) {
            ImGui::TextUnformatted(binding.key.c_str());
            ImGui::SameLine(230.0F * ImGui::GetStyle().FontScaleMain);
            ImGui::TextDisabled("%s", binding.help.c_str());
        }
    }
    ImGui::End();
}

}  // namespace splatscope
