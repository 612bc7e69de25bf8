#include "app/backend_words.h"
#include "app/settings.h"
#include "app/shell.h"

#include <imgui.h>

#include <algorithm>

namespace splatscope {

std::vector<std::string> Shell::backend_forms() const {
    const hsa::Snapshot& snapshot = runner_.snapshot();
    if (snapshot.backend.empty()) return {};
    // Times and cards differ from run to run, and pictures must not.
    if (exporting_) return {snapshot.backend};
    return backend_headers(runner_.engine().backend_state(), snapshot.stages);
}

// A word that says what is known of it under the pointer, and opens to the others.
void Shell::draw_backend(const std::string& words) {
    if (exporting_) {
        ImGui::TextDisabled("%s", words.c_str());
        return;
    }
    const hsa::BackendState state = runner_.engine().backend_state();
    const bool failed = !state.info.note.empty() || !state.refusal.empty();
    ImGui::PushStyleColor(
        ImGuiCol_Text,
        failed ? ImGui::GetColorU32(ImVec4{static_cast<float>(colours().error.r) / 255.0F,
                                           static_cast<float>(colours().error.g) / 255.0F,
                                           static_cast<float>(colours().error.b) / 255.0F, 1.0F})
               : ImGui::GetColorU32(ImGuiCol_TextDisabled));
    const bool open = ImGui::BeginMenu((words + "###backend").c_str());
    ImGui::PopStyleColor();
    if (!open) {
        if (!ImGui::BeginItemTooltip()) return;
        ImGui::PushTextWrapPos(ImGui::GetFontSize() * 36.0F);
        for (const std::string& line : backend_lines(state, runner_.snapshot().stages))
            ImGui::TextUnformatted(line.c_str());
        ImGui::TextDisabled("Click: another (set compute.backend)");
        ImGui::PopTextWrapPos();
        ImGui::EndTooltip();
        return;
    }
    constexpr const char* kSetting = "compute.backend";
    const std::string chosen = get_setting(runner_.session(), kSetting);
    const auto row = std::find_if(setting_rows().begin(), setting_rows().end(),
                                  [&](const SettingRow& each) { return each.name == kSetting; });
    // The one that is chosen may be chosen again: a card that failed is tried again.
    for (const std::string& choice : row->choices)
        if (ImGui::MenuItem(choice.c_str(), nullptr, choice == chosen))
            runner_.submit("set compute.backend " + choice);
    ImGui::EndMenu();
}

}  // namespace splatscope
