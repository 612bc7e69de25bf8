#include "app/views/map_held.h"

#include "app/views/map_minimap.h"
#include "app/views/map_navigator.h"
#include "app/views/view_waiting.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace splatscope {
namespace {

constexpr std::size_t kKept = 6;  // requests whose answers may still come

}  // namespace

void MapWanted::add(const hsa::PictureRequest& request, Drawn& drawn) const {
    hsa::PictureRequest one = request;
    one.statistic = statistic;
    for (const hsa::PicturePart& part : parts) {
        one.part = part;
        drawn.pictures.push_back(one);
    }
    if (parts.size() == 1) want_second(sides, one, drawn);
}

std::optional<HeldMap> MapWanted::answered(const hsa::LookResult& look,
                                           const hsa::PictureRequest& request) const {
    HeldMap held;
    hsa::PictureRequest one = request;
    one.statistic = statistic;
    for (const hsa::PicturePart& part : parts) {
        one.part = part;
        const auto found =
            std::find_if(look.pictures.begin(), look.pictures.end(),
                         [&](const auto& picture) { return picture && picture->request == one; });
        if (found == look.pictures.end()) return std::nullopt;
        held.pictures.push_back(*found);
    }
    if (parts.size() == 1 && sides.on()) {
        held.second = second_of(sides, look, one);
        if (!held.second) return std::nullopt;
    }
    if (held.pictures.empty()) return std::nullopt;
    return held;
}

bool MapWanted::is_of(const HeldMap& held) const {
    if (held.pictures.size() != parts.size()) return false;
    for (std::size_t p = 0; p < parts.size(); ++p)
        if (held.pictures[p]->request.part != parts[p] ||
            held.pictures[p]->request.statistic != statistic)
            return false;
    return true;
}

hsa::PictureRequest request_of_frame(const MapFrame& frame, std::size_t rows, std::size_t tokens,
                                     float scale) {
    const double step = static_cast<double>(tokens) / static_cast<double>(rows);
    const auto axis = [&](const VisibleTokens& range, float pixels, std::size_t& count) {
        const double shown = std::max(1.0, std::round(static_cast<double>(pixels * scale)));
        const auto grain =
            static_cast<std::size_t>(std::max(1.0, std::floor(range.size() / step / shown)));
        hsa::Range whole = visible_range({range.begin / step, range.end / step}, rows);
        whole.begin = whole.begin / grain * grain;
        whole.end = std::min(rows, (whole.end + grain - 1) / grain * grain);
        count = std::min(whole.size(), static_cast<std::size_t>(shown));
        return whole;
    };
    hsa::PictureRequest request;
    request.rows = axis(frame.viewport.rows, frame.place.height(), request.height);
    request.columns = axis(frame.viewport.columns, frame.place.width(), request.width);
    return request;
}

void MapPictures::forget() { *this = {}; }

void MapPictures::take(const ViewContext& context, const MapWanted& wanted, std::size_t tokens) {
    if (!context.look.of || !context.look.of->factors ||
        context.look.of->dataset != context.snapshot.dataset)
        return;
    const std::size_t rows = context.look.of->factors->tokens();
    const auto found = [&](const hsa::PictureRequest& request) {
        std::optional<HeldMap> held = wanted.answered(context.look, request);
        if (held) {
            held->step = static_cast<double>(tokens) / static_cast<double>(rows);
            held->rows = static_cast<double>(rows);
        }
        return held;
    };
    for (const hsa::PictureRequest& request : before_)
        if (auto held = found(request)) {
            shown_ = std::move(held);
            if (request.rows.size() == rows && request.columns.size() == rows) overview_ = shown_;
            break;
        }
    if (overview_ && !wanted.is_of(*overview_)) overview_.reset();
    if (auto held = found(minimap_request(rows, context.scale))) small_ = std::move(held);
    if (small_ && !wanted.is_of(*small_)) small_.reset();
}

bool MapPictures::ask(const ViewContext& context, const MapWanted& wanted, const MapFrame& frame,
                      bool minimap, Drawn& drawn) {
    const bool fresh =
        is_current(context) && context.look.attention == context.session.document.attention;
    const auto answered = [&](const hsa::PictureRequest& request) {
        return fresh && wanted.answered(context.look, request).has_value();
    };
    const std::size_t rows = context.snapshot.factors->tokens();
    const hsa::PictureRequest request =
        request_of_frame(frame, rows, context.snapshot.dataset->size(), context.scale);
    const bool there = answered(request);
    if (!asked_ || !drawn.animating || answered(*asked_)) {
        asked_ = request;
        const auto known = std::find(before_.begin(), before_.end(), request);
        if (known != before_.end()) before_.erase(known);
        before_.insert(before_.begin(), request);
        if (before_.size() > kKept) before_.pop_back();
    }
    wanted.add(*asked_, drawn);
    // Answered before it was asked, by another view of the same kind: it is there at once.
    if (there && !(shown_ && wanted.answered(context.look, request)->first() == shown_->first()))
        take(context, wanted, context.snapshot.dataset->size());
    if (!minimap) return there;
    const hsa::PictureRequest small = minimap_request(rows, context.scale);
    wanted.add(small, drawn);
    return there && answered(small);
}

}  // namespace splatscope
