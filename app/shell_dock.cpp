#include "app/shell.h"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>

namespace splatscope {
namespace {

constexpr float kLowestBottom = 230.0F;  // pixels of the timeline with its tabs

}  // namespace

bool sheet_has_keys() {
    const ImGuiWindow* window = ImGui::GetCurrentContext()->NavWindow;
    if (window == nullptr) return false;
    if ((window->Flags & (ImGuiWindowFlags_Popup | ImGuiWindowFlags_Modal)) != 0) return true;
    const ImGuiWindow* root = window->RootWindow;
    return (root->Flags & ImGuiWindowFlags_NoDocking) != 0 &&
           (root->Flags & (ImGuiWindowFlags_MenuBar | ImGuiWindowFlags_NoNavInputs |
                           ImGuiWindowFlags_NoBringToFrontOnFocus)) == 0;
}

void give_keys_to_menu() {
    ImGuiWindow* bar = ImGui::FindWindowByName("##MainMenuBar");
    if (bar == nullptr) return;
    ImGui::FocusWindow(bar);
    ImGui::GetCurrentContext()->NavLayer = ImGuiNavLayer_Menu;
    ImGui::NavInitWindow(bar, true);
    ImGui::SetNavCursorVisible(true);
}

void give_keyboard_to(unsigned item) {
    if (ImGui::GetActiveID() == item) ImGui::ClearActiveID();
    ImGui::ActivateItemByID(item);
}

// Text | map | splats over (tree | inspector), the timeline with its tabs below (experience.md
// "Look"); compact: map | splats, the rest as tabs below.
void build_default_layout(unsigned dock_space, float width, float height, bool compact,
                          const std::vector<DockPlace>& windows) {
    ImGui::DockBuilderRemoveNode(dock_space);
    ImGui::DockBuilderAddNode(dock_space, ImGuiDockNodeFlags_DockSpace);
    ImGui::DockBuilderSetNodeSize(dock_space, {width, height});
    ImGuiID rest = dock_space;
    // A low window gives its lanes and axes a larger share.
    const float share = std::clamp(kLowestBottom / std::max(height, 1.0F), 0.29F, 0.4F);
    const ImGuiID bottom =
        ImGui::DockBuilderSplitNode(rest, ImGuiDir_Down, compact ? 0.5F : share, nullptr, &rest);
    ImGuiID left = bottom;
    if (!compact) left = ImGui::DockBuilderSplitNode(rest, ImGuiDir_Left, 0.195F, nullptr, &rest);
    ImGuiID right = 0;
    const ImGuiID centre = ImGui::DockBuilderSplitNode(rest, ImGuiDir_Left, 0.5F, nullptr, &right);
    ImGuiID right_top = right;
    ImGuiID right_middle = bottom;
    ImGuiID right_bottom = bottom;
    if (!compact) {
        ImGuiID lower = 0;
        // A low window leaves the inspector room for more than two rows.
        const float above = std::clamp(0.0006F * height, 0.48F, 0.6F);
        right_top = ImGui::DockBuilderSplitNode(right, ImGuiDir_Up, above, nullptr, &lower);
        right_middle =
            ImGui::DockBuilderSplitNode(lower, ImGuiDir_Left, 0.5F, nullptr, &right_bottom);
    }
    for (const DockPlace& window : windows) {
        ImGuiID node = bottom;
        switch (window.place) {
            case Place::left: node = left; break;
            case Place::centre: node = centre; break;
            case Place::right_top: node = right_top; break;
            case Place::right_middle: node = right_middle; break;
            case Place::right_bottom: node = right_bottom; break;
            case Place::bottom: break;
        }
        ImGui::DockBuilderDockWindow(window.window.c_str(), node);
    }
    // A central node would alone take what a window loses that is made smaller; without one all
    // share.
    for (const ImGuiID id : {bottom, left, centre, right_top, right_middle, right_bottom})
        if (ImGuiDockNode* node = ImGui::DockBuilderGetNode(id))
            node->SetLocalFlags((node->LocalFlags & ~ImGuiDockNodeFlags_CentralNode) |
                                ImGuiDockNodeFlags_AutoHideTabBar |
                                ImGuiDockNodeFlags_NoWindowMenuButton |
                                ImGuiDockNodeFlags_NoCloseButton);
    ImGui::DockBuilderFinish(dock_space);
}

}  // namespace splatscope
