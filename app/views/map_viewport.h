#pragma once

#include "app/render/canvas.h"
#include "app/session.h"

#include <cstddef>
#include <string>

namespace splatscope {

// One axis of what is visible: tokens begin .. end, real numbers so that panning is smooth.
struct VisibleTokens {
    double begin = 0.0;
    double end = 0.0;

    [[nodiscard]] double size() const { return end - begin; }
    bool operator==(const VisibleTokens&) const = default;
};

// What the map shows. Cells are square on the screen, so a frame follows from it.
struct MapViewport {
    VisibleTokens rows, columns;

    [[nodiscard]] static MapViewport whole(std::size_t tokens);
    // The desk's, inside the data; an empty range is the whole.
    [[nodiscard]] static MapViewport of(const MapDesk& desk, std::size_t tokens);
    [[nodiscard]] bool is_whole(std::size_t tokens) const;

    // Moved by (columns, rows) tokens, kept inside the data.
    [[nodiscard]] MapViewport panned(double columns_by, double rows_by, std::size_t tokens) const;
    // `factor` > 1 shows fewer tokens; the token under (x, y) in 0..1 of the frame stays there
    // unless the edge of the data is reached. Never fewer than three tokens, never more than there
    // are.
    [[nodiscard]] MapViewport zoomed(double factor, double x, double y, std::size_t tokens) const;
    // Part of the way to another viewport: the token under the cursor of a zoom stays there.
    [[nodiscard]] MapViewport towards(const MapViewport& other, double t) const;
    // True when no edge differs by more than `share` of the visible size.
    [[nodiscard]] bool near(const MapViewport& other, double share) const;

    // `map.view R0 R1 C0 C1`, or `map.view` for the whole.
    [[nodiscard]] std::string command(std::size_t tokens) const;

    bool operator==(const MapViewport&) const = default;
};

// A viewport on its frame on the screen.
struct MapFrame {
    MapViewport viewport;
    Rect place;

    [[nodiscard]] double token_pixels() const { return place.height() / viewport.rows.size(); }
    [[nodiscard]] float x(double column) const;
    [[nodiscard]] float y(double row) const;
    [[nodiscard]] double column_at(float x) const;
    [[nodiscard]] double row_at(float y) const;
};

// The largest frame with square cells in the middle of `space`.
[[nodiscard]] Rect frame_in(const Rect& space, const MapViewport& viewport);

}  // namespace splatscope
