#include "app/bindings.h"
#include "app/commands/table.h"
#include "app/shell.h"
#include "app/widgets/style.h"

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <string>

namespace splatscope {

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
