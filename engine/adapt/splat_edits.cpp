#include "engine/adapt/splat_edits.h"

#include "engine/adapt/moments.h"
#include "engine/adapt/shape_edits.h"
#include "engine/core/error.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>
#include <span>
#include <utility>

namespace hsa {
namespace {

double length_of(std::span<const double> values) {
    double square = 0.0;
    for (const double value : values) square += value * value;
    return std::sqrt(square);
}

Splat moved(Splat splat, std::span<const double> displacement) {
    if (displacement.size() != splat.centre.size())
        fail("A move of {} numbers was given; the splats have {} dimensions.", displacement.size(),
             splat.centre.size());
    for (std::size_t a = 0; a < splat.centre.size(); ++a) {
        if (!std::isfinite(displacement[a]))
            fail("Axis {} of the move is {}; it must be finite.", a, displacement[a]);
        splat.centre[a] =
            static_cast<float>(static_cast<double>(splat.centre[a]) + displacement[a]);
    }
    return splat;
}

const char* told_as(Edit::Kind kind) {
    switch (kind) {
        case Edit::Kind::move: return "A move";
        case Edit::Kind::widen: return "A change of width";
        case Edit::Kind::stretch: return "A stretch";
        case Edit::Kind::amplitude: return "An amplitude";
        default: return "A turn";
    }
}

}  // namespace

void expect_splats(const Edit& edit, std::size_t least, std::size_t most, const char* what) {
    if (edit.splats.size() >= least && edit.splats.size() <= most) return;
    if (least == most)
        fail("{} takes {} splat{}, {} were given.", what, least, least == 1 ? "" : "s",
             edit.splats.size());
    fail("{} takes at least {} splat{}, {} were given.", what, least, least == 1 ? "" : "s",
         edit.splats.size());
}

bool changes_one_splat(Edit::Kind kind) {
    return kind == Edit::Kind::move || kind == Edit::Kind::widen || kind == Edit::Kind::stretch ||
           kind == Edit::Kind::amplitude || kind == Edit::Kind::turn;
}

Splat edited_splat(const SplatRegistry& registry, const Edit& edit) {
    if (!changes_one_splat(edit.kind)) fault("an edit of more than one splat's own Gaussian");
    expect_splats(edit, 1, 1, told_as(edit.kind));
    Splat splat = registry.splat(registry.row(edit.splats.front()));
    const std::span<const double> values = edit.values;
    const std::size_t d = registry.dimension;
    switch (edit.kind) {
        case Edit::Kind::move: return moved(std::move(splat), values);
        case Edit::Kind::widen:
            if (values.size() != 1)
                fail("A change of width takes one factor, {} numbers were given.", values.size());
            return widened(std::move(splat), values[0]);
        case Edit::Kind::stretch:
            if (values.size() != 1 + d)
                fail("A stretch of {} numbers was given; it takes a factor and a direction of {}.",
                     values.size(), d);
            return stretched(std::move(splat), values[0], values.subspan(1));
        case Edit::Kind::turn:
            if (values.size() != 1 + 2 * d)
                fail("A turn of {} numbers was given; it takes an angle and two directions of {}.",
                     values.size(), d);
            return turned(std::move(splat), values[0], values.subspan(1, d),
                          values.subspan(1 + d, d));
        default: break;
    }
    if (values.size() != 1 || !std::isfinite(values[0]) || values[0] <= 0.0)
        fail("The amplitude of a splat is one finite number above 0.");
    splat.log_amplitude = static_cast<float>(std::log(values[0]));
    return splat;
}

ChangeTold tell_change(const Edit& edit, const Splat& before, const std::string& level,
                       const std::string& around) {
    switch (edit.kind) {
        case Edit::Kind::move: {
            const double length = length_of(edit.values);
            return {{"distance", length, 0.0},
                    fmt::format("You moved splat {} of {} by {:.3g}{}.", before.id, level, length,
                                around)};
        }
        case Edit::Kind::widen:
            return {{"width", edit.values[0], 1.0},
                    fmt::format("You made splat {} of {} {:.3g} times as wide{}; {}.", before.id,
                                level, edit.values[0], around, restriction_note(before.kind))};
        case Edit::Kind::stretch:
            return {{"width along the direction", edit.values[0], 1.0},
                    fmt::format(
                        "You stretched splat {} of {} {:.3g} times along one direction{}; {}.",
                        before.id, level, edit.values[0], around, restriction_note(before.kind))};
        case Edit::Kind::turn:
            return {{"angle", edit.values[0], 0.0},
                    fmt::format("You turned splat {} of {} by {:.3g} degrees{}.", before.id, level,
                                edit.values[0] * 180.0 / std::numbers::pi, around)};
        default: break;
    }
    const double was = std::exp(static_cast<double>(before.log_amplitude));
    return {{"amplitude", edit.values[0], was},
            fmt::format("You gave splat {} of {} the amplitude {:.3g}, it was {:.3g}{}.", before.id,
                        level, edit.values[0], was, around)};
}

}  // namespace hsa
