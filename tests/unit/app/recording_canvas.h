#pragma once

#include "app/render/canvas.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// A Canvas that keeps what was drawn, for tests of views without a window. Every letter is half as
// wide as its size, every line as high as its size.
class RecordingCanvas : public Canvas {
  public:
    enum class Op : std::uint8_t {
        line,
        polyline,
        polygon,
        rect,
        rect_outline,
        circle,
        circle_outline,
        image,
        texture,
        text
    };
    struct Item {
        Op op = Op::line;
        Rect place;  // bounding box; a line's ends; a text's rectangle
        Colour colour;
        Rect clip;  // in force when it was drawn
        std::string text;
        Image image;
        std::vector<Vec2> points;
        float width = 1.0F;
    };

    explicit RecordingCanvas(Rect bounds) : bounds_(bounds), clips_{bounds} {}
    RecordingCanvas(float width, float height) : RecordingCanvas(Rect{{0, 0}, {width, height}}) {}

    [[nodiscard]] const std::vector<Item>& items() const { return items_; }
    [[nodiscard]] std::vector<Item> items(Op op) const {
        std::vector<Item> found;
        for (const Item& item : items_)
            if (item.op == op) found.push_back(item);
        return found;
    }
    // The first text that holds `part`, or null.
    [[nodiscard]] const Item* find_text(std::string_view part) const {
        for (const Item& item : items_)
            if (item.op == Op::text && item.text.find(part) != std::string::npos) return &item;
        return nullptr;
    }
    [[nodiscard]] std::size_t open_clips() const { return clips_.size() - 1; }
    // Two texts that lie over one another, as "a | b"; empty when there are none. Only the parts of
    // texts inside their clips count.
    [[nodiscard]] std::string overlapping_texts() const {
        const std::vector<Item> texts = items(Op::text);
        for (std::size_t i = 0; i < texts.size(); ++i)
            for (std::size_t j = i + 1; j < texts.size(); ++j)
                if (visible(texts[i]).overlaps(visible(texts[j])))
                    return texts[i].text + " | " + texts[j].text;
        return {};
    }
    // A text that reaches outside the canvas and is not clipped, or empty.
    [[nodiscard]] std::string text_outside() const {
        for (const Item& item : items(Op::text)) {
            const Rect seen = visible(item);
            if (seen.width() <= 0 || seen.height() <= 0) continue;
            if (seen.min.x < bounds_.min.x - 0.5F || seen.max.x > bounds_.max.x + 0.5F ||
                seen.min.y < bounds_.min.y - 0.5F || seen.max.y > bounds_.max.y + 0.5F)
                return item.text;
        }
        return {};
    }

    [[nodiscard]] Rect bounds() const override { return bounds_; }
    void line(Vec2 a, Vec2 b, Colour colour, float width) override {
        const Vec2 ends[] = {a, b};
        add(Op::line, ends, colour, width);
    }
    void polyline(std::span<const Vec2> points, Colour colour, float width, bool) override {
        add(Op::polyline, points, colour, width);
    }
    void polygon(std::span<const Vec2> points, Colour fill) override {
        add(Op::polygon, points, fill, 0.0F);
    }
    void rect(const Rect& place, Colour fill, float) override { add_rect(Op::rect, place, fill); }
    void rect_outline(const Rect& place, Colour colour, float width, float) override {
        add_rect(Op::rect_outline, place, colour);
        items_.back().width = width;
    }
    void circle(Vec2 centre, float radius, Colour fill) override {
        add_rect(Op::circle, around(centre, radius), fill);
    }
    void circle_outline(Vec2 centre, float radius, Colour colour, float) override {
        add_rect(Op::circle_outline, around(centre, radius), colour);
    }
    void image(const Image& image, const Rect& place) override {
        add_rect(Op::image, place, {});
        items_.back().image = image;
    }
    void texture(std::uint32_t, const Rect& place) override { add_rect(Op::texture, place, {}); }
    void push_clip(const Rect& place) override {
        const Rect& top = clips_.back();
        clips_.push_back({{std::max(top.min.x, place.min.x), std::max(top.min.y, place.min.y)},
                          {std::min(top.max.x, place.max.x), std::min(top.max.y, place.max.y)}});
    }
    void pop_clip() override { clips_.pop_back(); }
    [[nodiscard]] Vec2 text_size(std::string_view text, const TextStyle& style) const override {
        std::size_t letters = 0;
        for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        return {0.5F * style.size * static_cast<float>(letters), style.size};
    }

  private:
    static Rect around(Vec2 c, float r) { return {{c.x - r, c.y - r}, {c.x + r, c.y + r}}; }
    static Rect visible(const Item& item) {
        return {{std::max(item.place.min.x, item.clip.min.x),
                 std::max(item.place.min.y, item.clip.min.y)},
                {std::min(item.place.max.x, item.clip.max.x),
                 std::min(item.place.max.y, item.clip.max.y)}};
    }
    void add_rect(Op op, const Rect& place, Colour colour) {
        Item item;
        item.op = op;
        item.place = place;
        item.colour = colour;
        item.clip = clips_.back();
        items_.push_back(item);
    }
    void add(Op op, std::span<const Vec2> points, Colour colour, float width) {
        Rect box{points[0], points[0]};
        for (const Vec2 p : points)
            box = {{std::min(box.min.x, p.x), std::min(box.min.y, p.y)},
                   {std::max(box.max.x, p.x), std::max(box.max.y, p.y)}};
        add_rect(op, box, colour);
        items_.back().points.assign(points.begin(), points.end());
        items_.back().width = width;
    }
    void draw_text(Vec2 top_left, std::string_view text, const TextStyle& style) override {
        const Vec2 size = text_size(text, style);
        add_rect(Op::text, {top_left, {top_left.x + size.x, top_left.y + size.y}}, style.colour);
        items_.back().text = std::string(text);
    }

    Rect bounds_;
    std::vector<Rect> clips_;
    std::vector<Item> items_;
};

}  // namespace splatscope
