#include "app/widgets/theme.h"

#include "app/widgets/style.h"
#include "tests/catch.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace splatscope;

namespace {

// Relative luminance and contrast of WCAG 2.1.
double linear(std::uint8_t byte) {
    const double value = static_cast<double>(byte) / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}
double luminance(Colour c) {
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}
double contrast_of(Colour a, Colour b) {
    const double x = luminance(a);
    const double y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

Colour colour_of(const ImVec4& c) {
    const auto byte = [](float v) { return static_cast<std::uint8_t>(std::lround(v * 255.0F)); };
    return {byte(c.x), byte(c.y), byte(c.z), 255};
}

constexpr std::pair<ThemeName, const char*> kThemes[] = {
    {ThemeName::dark, "dark"}, {ThemeName::light, "light"}, {ThemeName::contrast, "contrast"}};

}  // namespace

TEST_CASE("contrast is that of WCAG", "[theme]") {
    CHECK(contrast_of({0, 0, 0}, {255, 255, 255}) == Approx(21.0));
    CHECK(contrast_of({255, 0, 0}, {255, 255, 255}) == Approx(3.998).margin(0.01));
}

TEST_CASE("words of every role can be read on every ground", "[theme]") {
    for (const auto& [name, title] : kThemes) {
        const Theme& t = theme(name);
        const double wanted = name == ThemeName::contrast ? 7.0 : 4.5;
        for (const auto& [ground, where] :
             {std::pair{t.background, "background"}, std::pair{t.panel, "panel"},
              std::pair{t.raised, "raised"}}) {
            INFO(title << " on " << where);
            CHECK(contrast_of(t.text, ground) >= 7.0);
            CHECK(contrast_of(t.secondary, ground) >= wanted);
            CHECK(contrast_of(t.warning, ground) >= wanted);
            CHECK(contrast_of(t.error, ground) >= wanted);
            CHECK(contrast_of(t.good, ground) >= wanted);
        }
        INFO(title);
        // Words in the accent stand on the background or a panel; elsewhere it is a line.
        CHECK(contrast_of(t.accent, t.background) >= wanted);
        CHECK(contrast_of(t.accent, t.panel) >= wanted);
        CHECK(contrast_of(t.accent, t.raised) >= 3.0);
        for (std::size_t l = 0; l < 8; ++l) {
            INFO("level " << l);
            CHECK(contrast_of(text_colour(t, level_colour(l)), t.panel) >= wanted);
            CHECK(contrast_of(text_colour(t, class_colour(l)), t.panel) >= wanted);
        }
        CHECK(contrast_of(text_colour(t, background_splat_colour()), t.panel) >= wanted);
    }
}

TEST_CASE("words of buttons and menus can be read in every state", "[theme]") {
    ImGuiContext* context = ImGui::CreateContext();
    for (const auto& [name, title] : kThemes) {
        apply_style(theme(name), 1.0F);
        const ImVec4* c = ImGui::GetStyle().Colors;
        const double wanted = name == ThemeName::contrast ? 7.0 : 4.5;
        for (const ImGuiCol ground :
             {ImGuiCol_Button, ImGuiCol_ButtonHovered, ImGuiCol_ButtonActive, ImGuiCol_Header,
              ImGuiCol_HeaderHovered, ImGuiCol_HeaderActive, ImGuiCol_FrameBg,
              ImGuiCol_FrameBgHovered, ImGuiCol_FrameBgActive, ImGuiCol_PopupBg, ImGuiCol_Tab,
              ImGuiCol_TabHovered, ImGuiCol_TabSelected, ImGuiCol_TitleBgActive,
              ImGuiCol_MenuBarBg}) {
            INFO(title << ", " << ImGui::GetStyleColorName(ground));
            CHECK(contrast_of(colour_of(c[ImGuiCol_Text]), colour_of(c[ground])) >= wanted);
        }
        // The ring of who uses keys, against what it stands on.
        CHECK(contrast_of(colour_of(c[ImGuiCol_NavCursor]), colour_of(c[ImGuiCol_WindowBg])) >=
              3.0);
        CHECK(contrast_of(colour_of(c[ImGuiCol_TextDisabled]), colour_of(c[ImGuiCol_PopupBg])) >=
              wanted);
    }
    ImGui::DestroyContext(context);
}
