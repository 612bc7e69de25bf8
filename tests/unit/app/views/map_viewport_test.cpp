#include "app/views/map_viewport.h"

#include "tests/catch.h"

using namespace splatscope;

TEST_CASE("A zoom keeps the token under the pointer", "[map]") {
    const std::size_t n = 5214;
    const MapViewport whole = MapViewport::whole(n);
    MapViewport view = whole;
    for (int step = 0; step < 12; ++step) {
        const double before = view.columns.begin + 0.3 * view.columns.size();
        const double row = view.rows.begin + 0.8 * view.rows.size();
        view = view.zoomed(1.25, 0.3, 0.8, n);
        CHECK(view.columns.begin + 0.3 * view.columns.size() == Approx(before));
        CHECK(view.rows.begin + 0.8 * view.rows.size() == Approx(row));
    }
    // On the way to it too.
    const MapViewport next = view.zoomed(2.0, 0.3, 0.8, n);
    const MapViewport half = view.towards(next, 0.5);
    CHECK(half.rows.begin + 0.8 * half.rows.size() ==
          Approx(view.rows.begin + 0.8 * view.rows.size()));
}

TEST_CASE("Zoom and pan stay inside the data and end at single cells", "[map]") {
    const std::size_t n = 100;
    MapViewport view = MapViewport::whole(n);
    for (int step = 0; step < 60; ++step) view = view.zoomed(1.5, 1.0, 0.0, n);
    CHECK(view.rows.size() == Approx(3.0));
    CHECK(view.rows.begin == Approx(0.0));
    CHECK(view.columns.end == Approx(100.0));
    view = view.panned(1e9, -1e9, n);
    CHECK(view.columns.end == Approx(100.0));
    CHECK(view.rows.begin == Approx(0.0));
    for (int step = 0; step < 60; ++step) view = view.zoomed(0.5, 0.2, 0.9, n);
    CHECK(view.is_whole(n));
}

TEST_CASE("Fewer than three tokens are shown whole", "[map]") {
    for (const std::size_t n : {1U, 2U}) {
        const MapViewport view = MapViewport::whole(n).zoomed(4.0, 0.5, 0.5, n);
        CHECK(view.is_whole(n));
    }
}

TEST_CASE("The desk's empty range is the whole, a range beyond the data is brought inside",
          "[map]") {
    MapDesk desk;
    CHECK(MapViewport::of(desk, 50).is_whole(50));
    desk.row_begin = 40;
    desk.row_end = 90;
    const MapViewport view = MapViewport::of(desk, 50);
    CHECK(view.rows.begin == Approx(0.0));
    CHECK(view.rows.end == Approx(50.0));
}

TEST_CASE("The command of a viewport gives the viewport back", "[map]") {
    CHECK(MapViewport::whole(77).command(77) == "map.view");
    const MapViewport view{{10.25, 60.25}, {0.0, 50.0}};
    CHECK(view.command(77) == "map.view 10.25 60.25 0 50");
}

TEST_CASE("Cells are square and the frame maps both ways", "[map]") {
    const MapViewport view{{10.0, 30.0}, {5.0, 45.0}};
    const MapFrame frame{view, frame_in({{0, 0}, {500, 400}}, view)};
    CHECK(frame.place.width() == Approx(500.0F));
    CHECK(frame.place.height() == Approx(250.0F));
    CHECK(frame.place.centre().y == Approx(200.0F));
    CHECK(frame.row_at(frame.y(17.5)) == Approx(17.5));
    CHECK(frame.column_at(frame.x(31.25)) == Approx(31.25));
}
