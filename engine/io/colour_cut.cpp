#include "engine/io/colour_cut.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

std::array<int, 3> cut_channels(std::uint32_t rgb) {
    return {static_cast<int>(rgb >> 16U & 0xffU), static_cast<int>(rgb >> 8U & 0xffU),
            static_cast<int>(rgb & 0xffU)};
}

// A cell of colours as one point. Rare colours, as those of a thin line, count for more than their
// pixels: by the root.
struct CutPoint {
    std::array<double, 3> mean{};
    double weight = 0.0;
};

struct CutBox {
    std::vector<CutPoint> points;
    std::size_t axis = 0;  // along which it spreads most
    double spread = 0.0;   // weight times variance there
    double middle = 0.0;

    explicit CutBox(std::vector<CutPoint> within) : points(std::move(within)) {
        double weight = 0.0;
        std::array<double, 3> sum{}, squares{};
        for (const CutPoint& point : points) {
            weight += point.weight;
            for (std::size_t c = 0; c < 3; ++c) {
                sum[c] += point.weight * point.mean[c];
                squares[c] += point.weight * point.mean[c] * point.mean[c];
            }
        }
        for (std::size_t c = 0; c < 3; ++c) {
            const double around = squares[c] - sum[c] * sum[c] / weight;
            if (c != 0 && around <= spread) continue;
            axis = c;
            spread = around;
            middle = sum[c] / weight;
        }
        if (points.size() < 2) spread = 0.0;
    }
};

PaletteColour mean_of(const CutBox& box) {
    std::array<double, 3> sum{};
    double weight = 0.0;
    for (const CutPoint& point : box.points) {
        const double pixels = point.weight * point.weight;
        weight += pixels;
        for (std::size_t c = 0; c < 3; ++c) sum[c] += pixels * point.mean[c];
    }
    const auto channel = [&](std::size_t c) {
        return static_cast<std::uint8_t>(std::lround(sum[c] / weight));
    };
    return {channel(0), channel(1), channel(2)};
}

}  // namespace

void ColourCut::count(std::uint32_t rgb, std::uint64_t times) {
    if (exact_.size() <= kExact) exact_.insert(rgb);
    const auto [r, g, b] = cut_channels(rgb);
    const auto index = static_cast<std::size_t>((r >> 3) << 10 | (g >> 3) << 5 | b >> 3);
    Cell& cell = cells_[index];
    cell.count += times;
    cell.sum[0] += times * static_cast<std::uint64_t>(r);
    cell.sum[1] += times * static_cast<std::uint64_t>(g);
    cell.sum[2] += times * static_cast<std::uint64_t>(b);
}

std::vector<PaletteColour> ColourCut::palette(std::size_t most) const {
    std::vector<PaletteColour> colours;
    if (exact_.size() <= most) {
        for (const std::uint32_t rgb : exact_)
            colours.push_back({static_cast<std::uint8_t>(rgb >> 16U),
                               static_cast<std::uint8_t>(rgb >> 8U),
                               static_cast<std::uint8_t>(rgb)});
        if (colours.empty()) colours.emplace_back();
        return colours;
    }
    std::vector<CutPoint> points;
    for (const Cell& cell : cells_) {
        if (cell.count == 0) continue;
        const auto count = static_cast<double>(cell.count);
        CutPoint point;
        for (std::size_t c = 0; c < 3; ++c)
            point.mean[c] = static_cast<double>(cell.sum[c]) / count;
        point.weight = std::sqrt(count);
        points.push_back(point);
    }
    std::vector<CutBox> boxes;
    boxes.emplace_back(std::move(points));
    while (boxes.size() < most) {
        const auto widest =
            std::max_element(boxes.begin(), boxes.end(),
                             [](const CutBox& a, const CutBox& b) { return a.spread < b.spread; });
        if (widest->spread <= 0.0) break;
        std::vector<CutPoint> low, high;
        for (const CutPoint& point : widest->points)
            (point.mean[widest->axis] <= widest->middle ? low : high).push_back(point);
        if (low.empty() || high.empty()) {
            widest->spread = 0.0;
            continue;
        }
        *widest = CutBox(std::move(low));
        boxes.emplace_back(std::move(high));
    }
    colours.reserve(boxes.size());
    for (const CutBox& box : boxes) colours.push_back(mean_of(box));
    return colours;
}

std::uint8_t NearestColour::operator()(std::uint32_t rgb) {
    const auto found = known_.find(rgb);
    if (found != known_.end()) return found->second;
    const auto [r, g, b] = cut_channels(rgb);
    std::size_t nearest = 0;
    int least = std::numeric_limits<int>::max();
    for (std::size_t i = 0; i < palette_.size(); ++i) {
        const int dr = r - palette_[i].r, dg = g - palette_[i].g, db = b - palette_[i].b;
        const int apart = 2 * dr * dr + 4 * dg * dg + 3 * db * db;  // as the eye weighs them
        if (apart >= least) continue;
        least = apart;
        nearest = i;
    }
    known_.emplace(rgb, static_cast<std::uint8_t>(nearest));
    return static_cast<std::uint8_t>(nearest);
}

}  // namespace hsa
