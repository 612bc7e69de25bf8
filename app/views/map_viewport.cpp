#include "app/views/map_viewport.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr double kFewest = 3.0;  // tokens an axis shows at least

VisibleTokens inside(VisibleTokens range, double tokens) {
    const double size = std::clamp(range.size(), std::min(kFewest, tokens), tokens);
    range.begin = std::clamp(range.begin + 0.5 * (range.size() - size), 0.0, tokens - size);
    range.end = range.begin + size;
    return range;
}

VisibleTokens of_desk(double begin, double end, double tokens) {
    if (!(end > begin)) return {0.0, tokens};
    return inside({begin, end}, tokens);
}

VisibleTokens moved(VisibleTokens range, double by, double tokens) {
    const double begin = std::clamp(range.begin + by, 0.0, tokens - range.size());
    return {begin, begin + range.size()};
}

VisibleTokens resized(VisibleTokens range, double factor, double at, double tokens) {
    const double size = std::clamp(range.size() / factor, std::min(kFewest, tokens), tokens);
    const double token = range.begin + at * range.size();
    const double begin = std::clamp(token - at * size, 0.0, tokens - size);
    return {begin, begin + size};
}

VisibleTokens between(const VisibleTokens& a, const VisibleTokens& b, double t) {
    return {a.begin + t * (b.begin - a.begin), a.end + t * (b.end - a.end)};
}

bool near_each_other(const VisibleTokens& a, const VisibleTokens& b, double share) {
    return std::fabs(a.begin - b.begin) <= share * b.size() &&
           std::fabs(a.end - b.end) <= share * b.size();
}

// A thousandth of a token is finer than any pixel.
double rounded(double value) { return std::round(value * 1000.0) / 1000.0; }

}  // namespace

MapViewport MapViewport::whole(std::size_t tokens) {
    const auto n = static_cast<double>(tokens);
    return {{0.0, n}, {0.0, n}};
}

MapViewport MapViewport::of(const MapDesk& desk, std::size_t tokens) {
    const auto n = static_cast<double>(tokens);
    return {of_desk(desk.row_begin, desk.row_end, n),
            of_desk(desk.column_begin, desk.column_end, n)};
}

bool MapViewport::is_whole(std::size_t tokens) const { return *this == whole(tokens); }

MapViewport MapViewport::panned(double columns_by, double rows_by, std::size_t tokens) const {
    const auto n = static_cast<double>(tokens);
    return {moved(rows, rows_by, n), moved(columns, columns_by, n)};
}

MapViewport MapViewport::zoomed(double factor, double x, double y, std::size_t tokens) const {
    const auto n = static_cast<double>(tokens);
    return {resized(rows, factor, y, n), resized(columns, factor, x, n)};
}

MapViewport MapViewport::towards(const MapViewport& other, double t) const {
    return {between(rows, other.rows, t), between(columns, other.columns, t)};
}

bool MapViewport::near(const MapViewport& other, double share) const {
    return near_each_other(rows, other.rows, share) &&
           near_each_other(columns, other.columns, share);
}

std::string MapViewport::command(std::size_t tokens) const {
    if (is_whole(tokens)) return "map.view";
    return fmt::format("map.view {} {} {} {}", rounded(rows.begin), rounded(rows.end),
                       rounded(columns.begin), rounded(columns.end));
}

float MapFrame::x(double column) const {
    const double t = (column - viewport.columns.begin) / viewport.columns.size();
    return static_cast<float>(place.min.x + t * place.width());
}

float MapFrame::y(double row) const {
    const double t = (row - viewport.rows.begin) / viewport.rows.size();
    return static_cast<float>(place.min.y + t * place.height());
}

double MapFrame::column_at(float x) const {
    return viewport.columns.begin + (x - place.min.x) / place.width() * viewport.columns.size();
}

double MapFrame::row_at(float y) const {
    return viewport.rows.begin + (y - place.min.y) / place.height() * viewport.rows.size();
}

Rect frame_in(const Rect& space, const MapViewport& viewport) {
    const auto rows = static_cast<float>(viewport.rows.size());
    const auto columns = static_cast<float>(viewport.columns.size());
    const float cell = std::min(space.width() / columns, space.height() / rows);
    const float width = std::max(1.0F, std::round(cell * columns));
    const float height = std::max(1.0F, std::round(cell * rows));
    const Vec2 min{std::round(space.min.x + 0.5F * (space.width() - width)),
                   std::round(space.min.y + 0.5F * (space.height() - height))};
    return {min, {min.x + width, min.y + height}};
}

}  // namespace splatscope
