#include "app/widgets/sign.h"

#include "app/widgets/theme.h"

#include <array>

namespace splatscope {
namespace {

constexpr std::array<Marker, 7> kShapes = {Marker::circle,   Marker::square, Marker::diamond,
                                           Marker::triangle, Marker::wedge,  Marker::filled_plus,
                                           Marker::star};
constexpr float kEdge = 2.5F;  // pixels that a shape with its edge is higher

}  // namespace

Marker level_shape(std::size_t level) {
    return level < kShapes.size() ? kShapes[level] : Marker::ring;
}

Sign level_sign(std::size_t level) { return {level_colour(level), level_shape(level)}; }

Sign class_sign(std::size_t index) {
    return {class_colour(index), kShapes[index % kShapes.size()]};
}

Sign background_splat_sign() { return {background_splat_colour(), Marker::cross}; }

void draw_sign(Canvas& canvas, Vec2 centre, const Sign& sign, float size) {
    const float half = 0.5F * size;
    if (!sign.shape)
        canvas.rect({{centre.x - half, centre.y - half}, {centre.x + half, centre.y + half}},
                    sign.colour, 0.2F * size);
    // A square of the width of a circle looks larger.
    else
        canvas.marker(*sign.shape, centre, *sign.shape == Marker::square ? 0.9F * size : size,
                      sign.colour);
}

void draw_edged_sign(Canvas& canvas, Vec2 centre, const Sign& sign, float size, Colour ground) {
    draw_sign(canvas, centre, {ground, sign.shape.value_or(Marker::square)}, size + kEdge);
    draw_sign(canvas, centre, sign, size);
}

}  // namespace splatscope
