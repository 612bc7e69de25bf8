#include "app/render/imgui_canvas.h"

#include "app/widgets/fonts.h"

#include <epoxy/gl.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace splatscope {
namespace {

constexpr std::uint64_t kFramesUnused = 120;
constexpr std::size_t kMostTextures = 48;
// Where the copies stand that make the halo of a text.
constexpr std::array<std::pair<float, float>, 8> kHalo = {{{-1.5F, 0.0F},
                                                           {1.5F, 0.0F},
                                                           {0.0F, -1.5F},
                                                           {0.0F, 1.5F},
                                                           {-1.0F, -1.0F},
                                                           {1.0F, -1.0F},
                                                           {-1.0F, 1.0F},
                                                           {1.0F, 1.0F}}};

ImVec2 times(Vec2 v, float scale) { return {v.x * scale, v.y * scale}; }
ImU32 packed(Colour c) { return IM_COL32(c.r, c.g, c.b, c.a); }
ImTextureID handle(std::uint32_t name) { return static_cast<ImTextureID>(name); }

}  // namespace

std::uint32_t TextureCache::texture(const Image& image) {
    const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.key == image.key && entry.smooth == image.smooth;
    });
    if (known != entries_.end()) {
        known->used = frame_;
        entries_.splice(entries_.begin(), entries_, known);  // the front is what was used last
        return entries_.front().texture.get();
    }
    Entry entry;
    entry.key = image.key;
    entry.smooth = image.smooth;
    entry.used = frame_;
    entry.texture = make_texture(static_cast<int>(image.width), static_cast<int>(image.height),
                                 image.pixels->data(), image.smooth);
    entries_.push_front(std::move(entry));
    return entries_.front().texture.get();
}

void TextureCache::next_frame() {
    ++frame_;
    entries_.remove_if([this](const Entry& entry) { return entry.used + kFramesUnused < frame_; });
    while (entries_.size() > kMostTextures && entries_.back().used + 1 < frame_)
        entries_.pop_back();
}

ImGuiCanvas::ImGuiCanvas(ImDrawList& list, TextureCache& textures, const Rect& bounds, float scale)
    : list_(list), textures_(textures), bounds_(bounds), scale_(scale) {}

void ImGuiCanvas::line(Vec2 a, Vec2 b, Colour colour, float width) {
    list_.AddLine(times(a, scale_), times(b, scale_), packed(colour), width * scale_);
}

void ImGuiCanvas::polyline(std::span<const Vec2> points, Colour colour, float width, bool closed) {
    for (const Vec2& point : points) list_.PathLineTo(times(point, scale_));
    list_.PathStroke(packed(colour), closed ? ImDrawFlags_Closed : ImDrawFlags_None,
                     width * scale_);
}

void ImGuiCanvas::polygon(std::span<const Vec2> points, Colour fill) {
    for (const Vec2& point : points) list_.PathLineTo(times(point, scale_));
    list_.PathFillConvex(packed(fill));
}

void ImGuiCanvas::rect(const Rect& place, Colour fill, float rounding) {
    list_.AddRectFilled(times(place.min, scale_), times(place.max, scale_), packed(fill),
                        rounding * scale_);
}

void ImGuiCanvas::rect_outline(const Rect& place, Colour colour, float width, float rounding) {
    list_.PathRect(times(place.min, scale_), times(place.max, scale_), rounding * scale_);
    list_.PathStroke(packed(colour), ImDrawFlags_Closed, width * scale_);
}

void ImGuiCanvas::circle(Vec2 centre, float radius, Colour fill) {
    list_.AddCircleFilled(times(centre, scale_), radius * scale_, packed(fill));
}

void ImGuiCanvas::circle_outline(Vec2 centre, float radius, Colour colour, float width) {
    list_.AddCircle(times(centre, scale_), radius * scale_, packed(colour), 0, width * scale_);
}

void ImGuiCanvas::image(const Image& image, const Rect& place) {
    if (!image.pixels || image.pixels->empty()) return;
    // Dear ImGui filters every texture unless it is told to heed the texture's own setting.
    const ImGuiPlatformIO& platform = ImGui::GetPlatformIO();
    list_.AddCallback(platform.DrawCallback_SetSamplerFromTex);
    list_.AddImage(handle(textures_.texture(image)), times(place.min, scale_),
                   times(place.max, scale_));
    list_.AddCallback(platform.DrawCallback_ResetRenderState);
}

// Scenes are drawn with their colours multiplied by alpha, as blending leaves them.
void ImGuiCanvas::texture(std::uint32_t gl_name, const Rect& place) {
    list_.AddCallback([](const ImDrawList*, const ImDrawCmd*) {
        glBlendFuncSeparate(GL_ONE, GL_ONE_MINUS_SRC_ALPHA, GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
    });
    list_.AddImage(handle(gl_name), times(place.min, scale_), times(place.max, scale_),
                   {0.0F, 1.0F}, {1.0F, 0.0F});
    list_.AddCallback(ImGui::GetPlatformIO().DrawCallback_ResetRenderState);
}

void ImGuiCanvas::push_clip(const Rect& place) {
    list_.PushClipRect(times(place.min, scale_), times(place.max, scale_), true);
}
void ImGuiCanvas::pop_clip() { list_.PopClipRect(); }

Vec2 ImGuiCanvas::text_size(std::string_view text, const TextStyle& style) const {
    return text_extent(text, style, scale_);
}

void ImGuiCanvas::draw_text(Vec2 top_left, std::string_view text, const TextStyle& style) {
    std::string ordered;
    if (needs_order(text, style.direction)) {
        ordered = visual_words(text, style.direction);
        text = ordered;
    }
    const char* end = text.data() + text.size();
    ImFont* font = font_of(style.font);
    const float size = style.size * scale_;
    if (style.halo.a > 0)
        for (const auto& [dx, dy] : kHalo)
            list_.AddText(font, size, times({top_left.x + dx, top_left.y + dy}, scale_),
                          packed(style.halo), text.data(), end);
    list_.AddText(font, size, times(top_left, scale_), packed(style.colour), text.data(), end);
}

}  // namespace splatscope
