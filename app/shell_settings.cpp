// The settings of a view, behind the three dots beside its title.
#include "app/commands/grammar.h"
#include "app/setting_values.h"
#include "app/settings.h"
#include "app/shell.h"
#include "app/views/splats_opacity.h"

#include <fmt/core.h>
#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>

namespace splatscope {
namespace {

// What the data add to a setting's choices: points may be coloured by any property of theirs.
std::vector<std::string> choices_of(const SettingRow& row, const hsa::Snapshot& snapshot) {
    std::vector<std::string> choices = row.choices;
    if (row.name == "view.splats.opacity") return opacity_choices(snapshot);
    if (row.name != "view.splats.point_colour" || !snapshot.dataset) return choices;
    for (const hsa::MetadataColumn& column : snapshot.dataset->properties)
        choices.push_back(std::string(kPropertyPrefix) + column.name);
    return choices;
}

}  // namespace

// The settings a view names, as rows made from the table of settings.
void Shell::draw_view_settings(const Panel& panel) {
    const std::vector<std::string> names = panel.view->settings();
    if (names.empty()) return;
    ImGui::PushID(panel.view->id().c_str());
    const bool by_key = settings_of_ == panel.view->id();
    if (by_key) settings_of_.clear();
    if (ImGui::Button("...") || by_key) ImGui::OpenPopup("settings");
    ImGui::SetItemTooltip("how this view is drawn");
    // At the button, towards the middle of the window: by a key it would open at the mouse, which
    // may be over another view.
    const ImVec2 low = ImGui::GetItemRectMin();
    const ImVec2 high = ImGui::GetItemRectMax();
    const ImVec2 middle = ImGui::GetMainViewport()->GetCenter();
    const bool leftwards = high.x > middle.x;
    const bool upwards = high.y > middle.y;
    ImGui::SetNextWindowPos({leftwards ? high.x : low.x, upwards ? low.y : high.y},
                            ImGuiCond_Appearing, {leftwards ? 1.0F : 0.0F, upwards ? 1.0F : 0.0F});
    ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_FrameBg));
    if (ImGui::BeginPopup("settings")) {
        for (const std::string& name : names) {
            const auto row =
                std::find_if(setting_rows().begin(), setting_rows().end(),
                             [&](const SettingRow& each) { return each.name == name; });
            if (row == setting_rows().end()) continue;
            const std::string value = get_setting(runner_.session(), name);
            ImGui::SetNextItemWidth(150.0F);
            std::string changed = value;
            if (row->type == "flag") {
                bool on = value == "true";
                if (ImGui::Checkbox(name.c_str(), &on)) changed = on ? "true" : "false";
            } else if (const std::vector<std::string> choices =
                           choices_of(*row, runner_.snapshot());
                       !choices.empty()) {
                if (ImGui::BeginCombo(name.c_str(), value.c_str())) {
                    for (const std::string& choice : choices)
                        if (ImGui::Selectable(choice.c_str(), choice == value)) changed = choice;
                    ImGui::EndCombo();
                }
            } else if (row->type == "number" && row->limits.low != row->limits.high) {
                auto number = static_cast<float>(parse_number(name, value));
                if (ImGui::SliderFloat(name.c_str(), &number, static_cast<float>(row->limits.low),
                                       static_cast<float>(row->limits.high)))
                    changed = fmt::format("{}", number);
            } else {
                ImGui::InputText(name.c_str(), &changed, ImGuiInputTextFlags_EnterReturnsTrue);
                if (!ImGui::IsItemDeactivatedAfterEdit()) changed = value;
            }
            ImGui::SetItemTooltip("%s", row->help.c_str());
            if (changed != value)
                runner_.submit(fmt::format("set {} {}", name, quote_word(changed)));
        }
        ImGui::EndPopup();
    }
    ImGui::PopStyleColor();
    ImGui::PopID();
}

}  // namespace splatscope
