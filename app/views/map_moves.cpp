#include "app/views/map_moves.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace splatscope {

void MapMoves::move(std::span<const MapFrame> frames, const Pointer& pointer, std::size_t tokens,
                    std::string_view command, Drawn& drawn) {
    const auto send = [&](const MapViewport& viewport) {
        const std::string line = viewport.command(tokens);
        drawn.commands.push_back(std::string(command) +
                                 line.substr(std::min(line.find(' '), line.size())));
    };
    for (const MapFrame& frame : frames) {
        if (pointer.pressed[0] && frame.place.contains(pointer.press_position))
            dragged_from_ = frame.viewport;
        if (!frame.place.contains(pointer.position)) continue;
        const auto x =
            static_cast<double>((pointer.position.x - frame.place.min.x) / frame.place.width());
        const auto y =
            static_cast<double>((pointer.position.y - frame.place.min.y) / frame.place.height());
        if (pointer.inside && pointer.wheel != 0.0F) {
            const double step = pointer.ctrl ? 1.05 : pointer.shift ? 1.8 : 1.25;
            send(frame.viewport.zoomed(std::pow(step, static_cast<double>(pointer.wheel)), x, y,
                                       tokens));
        }
        if (pointer.double_clicked) send(MapViewport::whole(tokens));
    }
    if (!dragged_from_) return;
    const double cell = frames.front().token_pixels();
    if (pointer.released[0] && !pointer.clicked)
        send(dragged_from_->panned(
            -static_cast<double>(pointer.position.x - pointer.press_position.x) / cell,
            -static_cast<double>(pointer.position.y - pointer.press_position.y) / cell, tokens));
    if (!pointer.down[0]) dragged_from_.reset();
}

hsa::PictureRequest picture_of(const MapFrame& frame, float scale, std::size_t tokens) {
    const auto pixels = static_cast<std::size_t>(std::max(1.0F, frame.place.width() * scale));
    const auto range = [&](const VisibleTokens& seen) {
        const auto begin = static_cast<std::size_t>(std::max(0.0, std::floor(seen.begin)));
        const auto end = static_cast<std::size_t>(std::max(1.0, std::ceil(seen.end)));
        return hsa::Range{std::min(begin, tokens - 1), std::min(std::max(end, begin + 1), tokens)};
    };
    hsa::PictureRequest request;
    request.rows = range(frame.viewport.rows);
    request.columns = range(frame.viewport.columns);
    request.height = std::min(pixels, request.rows.size());
    request.width = std::min(pixels, request.columns.size());
    return request;
}

}  // namespace splatscope
