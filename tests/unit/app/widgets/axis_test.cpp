#include "app/widgets/axis.h"

#include "tests/catch.h"
#include "tests/unit/app/recording_canvas.h"

#include <cmath>
#include <limits>

using namespace splatscope;

namespace {

std::vector<std::string> labels(const Axis& axis, std::size_t most) {
    std::vector<std::string> found;
    for (const Tick& tick : ticks(axis, most))
        if (!tick.label.empty()) found.push_back(tick.label);
    return found;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("Linear marks stand at 1, 2 or 5 times a power of ten", "[axis]") {
    CHECK(labels({0, 1}, 6) == Words{"0", "0.2", "0.4", "0.6", "0.8", "1.0"});
    CHECK(labels({-1, 1}, 5) == Words{"-1.0", "-0.5", "0", "0.5", "1.0"});
    CHECK(labels({0, 5214}, 6) == Words{"0", "1,000", "2,000", "3,000", "4,000", "5,000"});
    CHECK(labels({0, 3e-8}, 4) == Words{"0", "1e-8", "2e-8", "3e-8"});
    CHECK(labels({100.2, 100.4}, 3) == Words{"100.2", "100.3", "100.4"});
}

TEST_CASE("Whole-number marks never stand between whole numbers", "[axis]") {
    CHECK(labels({0, 3, AxisScale::integer}, 12) == Words{"0", "1", "2", "3"});
    CHECK(labels({0.3, 2.7, AxisScale::integer}, 12) == Words{"1", "2"});
    CHECK(labels({0, 20, AxisScale::integer}, 5) == Words{"0", "5", "10", "15", "20"});
}

TEST_CASE("Logarithmic marks go from dense to sparse", "[axis]") {
    CHECK(labels({1, 100, AxisScale::logarithmic}, 8) ==
          Words{"1", "2", "5", "10", "20", "50", "100"});
    CHECK(labels({1e-6, 1, AxisScale::logarithmic}, 4) == Words{"1e-6", "0.0001", "0.01", "1"});
    CHECK(labels({0, 1, AxisScale::logarithmic}, 4).empty());
    // Less than a decade without a power of ten inside: evenly.
    CHECK(labels({2.2, 4.1, AxisScale::logarithmic}, 3) == Words{"3", "4"});
}

TEST_CASE("Attention against uniform is marked at 1/30 .. ×10 on the fixed range", "[axis]") {
    const Axis axis{std::pow(10.0, -1.5), std::pow(10.0, 1.2), AxisScale::ratio};
    CHECK(labels(axis, 6) == Words{"1/30", "1/10", "1/3", "uniform", "×3", "×10"});
    CHECK(labels(axis, 3) == Words{"1/10", "uniform", "×10"});
    CHECK(axis.place(1.0) == Approx(1.5 / 2.7));
    CHECK(std::isnan(axis.place(0.0)));
}

TEST_CASE("Marks are bounded, rising and inside for any range", "[axis]") {
    for (const AxisScale scale :
         {AxisScale::linear, AxisScale::integer, AxisScale::logarithmic, AxisScale::ratio})
        for (const double low : {1e-12, 0.0017, 1.0, 37.0, 1e6})
            for (const double factor : {1.0001, 1.7, 11.0, 1e5, 1e14})
                for (const std::size_t most : {2U, 5U, 12U}) {
                    const Axis axis{low, low * factor, scale};
                    const std::vector<Tick> marks = ticks(axis, most);
                    std::size_t labelled = 0;
                    double last = -std::numeric_limits<double>::infinity();
                    for (const Tick& mark : marks) {
                        labelled += mark.label.empty() ? 0U : 1U;
                        CHECK(mark.value > last);
                        CHECK(mark.value >=
                              axis.low - 1e-6 * (axis.high - axis.low) - 1e-9 * axis.low);
                        CHECK(mark.value <=
                              axis.high + 1e-6 * (axis.high - axis.low) + 1e-9 * axis.high);
                        last = mark.value;
                    }
                    CHECK(labelled <= most);
                }
    CHECK(ticks({1, 1}, 5).empty());
    CHECK(ticks({2, 1}, 5).empty());
    CHECK(ticks({0, std::numeric_limits<double>::infinity()}, 5).empty());
}

TEST_CASE("place and value are inverse", "[axis]") {
    for (const AxisScale scale : {AxisScale::linear, AxisScale::logarithmic}) {
        const Axis axis{0.5, 80.0, scale};
        for (const double value : {0.5, 2.0, 79.0})
            CHECK(axis.value(axis.place(value)) == Approx(value));
        CHECK(axis.place(0.5) == Approx(0.0));
        CHECK(axis.place(80.0) == Approx(1.0));
    }
}

TEST_CASE("Drawn axes never overlap their labels, however narrow", "[axis]") {
    for (const float width : {60.0F, 140.0F, 300.0F, 900.0F}) {
        RecordingCanvas canvas(width + 80.0F, 200.0F);
        const Rect plot{{60, 20}, {60 + width, 160}};
        draw_axis_below(canvas, theme(ThemeName::dark), plot, {0, 123456, AxisScale::integer}, true,
                        "cycle");
        draw_axis_left(canvas, theme(ThemeName::dark), plot, {1e-5, 1, AxisScale::logarithmic},
                       true, "usage");
        CHECK(canvas.overlapping_texts().empty());
        CHECK(canvas.text_outside().empty());
    }
}
