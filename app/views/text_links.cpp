#include "app/views/text_links.h"

#include "app/widgets/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace splatscope {
namespace {

constexpr std::size_t kSteps = 24;  // of an arc
constexpr float kCell = 4.0F;
constexpr std::size_t kMostTold = 3;

const TokenPlace* place_of(std::span<const TokenPlace> places, std::uint32_t token) {
    const auto found = std::find_if(places.begin(), places.end(), [token](const TokenPlace& place) {
        return place.token == token;
    });
    return found == places.end() ? nullptr : &*found;
}

// Over the line where both stand on one; else from the edge of one word that faces the other.
std::array<Vec2, 4> bend(const Rect& from, const Rect& to) {
    const float x0 = from.centre().x, x1 = to.centre().x;
    if (std::fabs(from.min.y - to.min.y) < 1.0F) {
        const float top = from.min.y + 3.0F;
        const float up = top - std::min(18.0F, 6.0F + 0.08F * std::fabs(x1 - x0));
        return {{{x0, top}, {x0, up}, {x1, up}, {x1, top}}};
    }
    const bool down = to.min.y > from.min.y;
    const float y0 = down ? from.max.y - 3.0F : from.min.y + 3.0F;
    const float y1 = down ? to.min.y + 3.0F : to.max.y - 3.0F;
    const float half = 0.5F * (y1 - y0);
    // Above one another they would be a stroke through the words between.
    const float aside = std::max(0.0F, 24.0F - 0.5F * std::fabs(x1 - x0));
    return {{{x0, y0}, {x0 - aside, y0 + half}, {x1 - aside, y1 - half}, {x1, y1}}};
}

Vec2 point(const std::array<Vec2, 4>& p, float t) {
    const float s = 1.0F - t;
    const std::array<float, 4> w = {s * s * s, 3.0F * s * s * t, 3.0F * s * t * t, t * t * t};
    Vec2 at;
    for (std::size_t i = 0; i < p.size(); ++i) {
        at.x += w[i] * p[i].x;
        at.y += w[i] * p[i].y;
    }
    return at;
}

}  // namespace

void draw_arcs(Canvas& canvas, const Theme& theme, std::span<const TokenPlace> places,
               const hsa::StrongestPairs& links) {
    if (links.pairs.empty() || !(links.pairs.front().value > 0.0)) return;
    const double strongest = links.pairs.front().value;
    // The strongest last, over the others.
    for (auto link = links.pairs.rbegin(); link != links.pairs.rend(); ++link) {
        const TokenPlace* from = place_of(places, link->i);
        const TokenPlace* to = place_of(places, link->j);
        if (from == nullptr || to == nullptr) continue;
        const auto share = static_cast<float>(link->value / strongest);
        const Colour colour = theme.accent.with_alpha(0.25F + 0.65F * share);
        const std::array<Vec2, 4> curve = bend(from->place, to->place);
        std::array<Vec2, kSteps + 1> points;
        for (std::size_t s = 0; s <= kSteps; ++s)
            points[s] = point(curve, static_cast<float>(s) / static_cast<float>(kSteps));
        canvas.polyline(points, colour, 1.0F + share);
        canvas.circle(points.back(), 2.5F, colour);
    }
}

std::string words_of_links(const hsa::Dataset& dataset, const hsa::StrongestPairs& links,
                           std::uint32_t token, bool causal) {
    std::string words;
    std::size_t told = 0;
    for (const hsa::Pair& link : links.pairs) {
        if ((link.i != token && link.j != token) || told == kMostTold) continue;
        ++told;
        const bool outwards = link.i == token;
        const auto keys = static_cast<double>(causal ? link.i + std::size_t{1} : dataset.size());
        words += fmt::format("{}{} “{}”: {}", words.empty() ? "" : "\n", outwards ? "→" : "←",
                             dataset.token_text(outwards ? link.j : link.i),
                             uniform_text(link.value * keys));
    }
    return words;
}

void draw_heat(Canvas& canvas, const Rect& place, const Tinting& tinting, hsa::Range section) {
    const auto room = static_cast<std::size_t>(std::max(0.0F, place.width() / kCell));
    const std::size_t cells = std::min(room, section.size());
    if (cells == 0 || tinting.empty()) return;
    const float width = place.width() / static_cast<float>(cells);
    for (std::size_t c = 0; c < cells; ++c) {
        const Colour colour =
            tinting.strong_colour({section.begin + section.size() * c / cells,
                                   section.begin + section.size() * (c + 1) / cells});
        const float left = place.min.x + width * static_cast<float>(c);
        canvas.rect({{left, place.min.y}, {left + width, place.max.y}}, colour);
    }
}

}  // namespace splatscope
