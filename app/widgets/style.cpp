#include "app/widgets/style.h"

#include <imgui.h>

namespace splatscope {
namespace {

ImVec4 vec(Colour c) {
    return {static_cast<float>(c.r) / 255.0F, static_cast<float>(c.g) / 255.0F,
            static_cast<float>(c.b) / 255.0F, static_cast<float>(c.a) / 255.0F};
}

}  // namespace

void apply_style(const Theme& theme, float scale) {
    ImGuiStyle style;
    style.WindowPadding = {8.0F, 8.0F};
    style.FramePadding = {8.0F, 4.0F};
    style.ItemSpacing = {8.0F, 4.0F};
    style.ItemInnerSpacing = {4.0F, 4.0F};
    style.WindowRounding = style.ChildRounding = style.FrameRounding = style.PopupRounding =
        style.TabRounding = 4.0F;
    style.WindowBorderSize = 0.0F;
    style.ChildBorderSize = style.FrameBorderSize = 0.0F;
    style.PopupBorderSize = 1.0F;
    style.TabBarBorderSize = 0.0F;
    style.DockingSeparatorSize = 6.0F;
    style.ScrollbarSize = 12.0F;
    style.FontSizeBase = kTextSize;
    style.ScaleAllSizes(scale);
    style.FontScaleMain = scale;
    const ImVec4 clear = {0.0F, 0.0F, 0.0F, 0.0F};
    ImVec4* c = style.Colors;
    for (int i = 0; i < ImGuiCol_COUNT; ++i) c[i] = vec(theme.raised);
    c[ImGuiCol_Text] = vec(theme.text);
    c[ImGuiCol_TextDisabled] = vec(theme.secondary);
    c[ImGuiCol_WindowBg] = vec(theme.panel);
    c[ImGuiCol_ChildBg] = clear;
    c[ImGuiCol_PopupBg] = vec(theme.raised);
    c[ImGuiCol_Border] = vec(theme.lines);
    c[ImGuiCol_BorderShadow] = clear;
    c[ImGuiCol_FrameBg] = vec(theme.background);
    c[ImGuiCol_FrameBgHovered] = vec(mix(theme.background, theme.accent, 0.2F));
    c[ImGuiCol_FrameBgActive] = vec(mix(theme.background, theme.accent, 0.3F));
    c[ImGuiCol_TitleBg] = c[ImGuiCol_TitleBgActive] = c[ImGuiCol_TitleBgCollapsed] =
        vec(theme.panel);
    c[ImGuiCol_MenuBarBg] = vec(theme.background);
    c[ImGuiCol_ScrollbarBg] = clear;
    c[ImGuiCol_ScrollbarGrab] = vec(theme.lines);
    c[ImGuiCol_ScrollbarGrabHovered] = c[ImGuiCol_ScrollbarGrabActive] = vec(theme.secondary);
    c[ImGuiCol_CheckMark] = c[ImGuiCol_SliderGrab] = c[ImGuiCol_SliderGrabActive] =
        vec(theme.accent);
    c[ImGuiCol_Button] = vec(theme.raised);
    c[ImGuiCol_ButtonHovered] = vec(mix(theme.raised, theme.accent, 0.25F));
    c[ImGuiCol_ButtonActive] = vec(mix(theme.raised, theme.accent, 0.38F));
    c[ImGuiCol_Header] = vec(mix(theme.panel, theme.accent, 0.2F));
    c[ImGuiCol_HeaderHovered] = vec(mix(theme.panel, theme.accent, 0.3F));
    c[ImGuiCol_HeaderActive] = vec(mix(theme.panel, theme.accent, 0.4F));
    c[ImGuiCol_Separator] = vec(theme.background);
    c[ImGuiCol_SeparatorHovered] = c[ImGuiCol_SeparatorActive] = vec(theme.accent);
    c[ImGuiCol_ResizeGrip] = clear;
    c[ImGuiCol_ResizeGripHovered] = c[ImGuiCol_ResizeGripActive] = vec(theme.accent);
    c[ImGuiCol_Tab] = c[ImGuiCol_TabDimmed] = vec(theme.panel);
    c[ImGuiCol_TabHovered] = vec(mix(theme.panel, theme.accent, 0.3F));
    c[ImGuiCol_TabSelected] = c[ImGuiCol_TabDimmedSelected] = vec(theme.raised);
    c[ImGuiCol_TabSelectedOverline] = vec(theme.accent);
    c[ImGuiCol_TabDimmedSelectedOverline] = clear;
    c[ImGuiCol_DockingPreview] = vec(theme.accent.with_alpha(0.5F));
    c[ImGuiCol_DockingEmptyBg] = vec(theme.background);
    c[ImGuiCol_TableRowBg] = c[ImGuiCol_TableRowBgAlt] = clear;
    c[ImGuiCol_TextSelectedBg] = vec(theme.accent.with_alpha(0.4F));
    c[ImGuiCol_DragDropTarget] = c[ImGuiCol_NavCursor] = vec(theme.accent);
    c[ImGuiCol_ModalWindowDimBg] = vec(theme.background.with_alpha(0.6F));
    ImGui::GetStyle() = style;
}

bool begin_above(const char* title, bool* open, int flags) {
    const float scale = ImGui::GetStyle().FontScaleMain;
    ImVec4 edge = ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled);
    edge.w *= 0.5F;
    ImGui::PushStyleColor(ImGuiCol_Border, edge);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1.0F);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {16.0F * scale, 12.0F * scale});
    const bool visible =
        ImGui::Begin(title, open,
                     flags | ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoCollapse |
                         ImGuiWindowFlags_NoSavedSettings);
    ImGui::PopStyleVar(2);
    ImGui::PopStyleColor();
    return visible;
}

}  // namespace splatscope
