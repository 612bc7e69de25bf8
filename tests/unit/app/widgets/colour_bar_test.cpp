#include "app/widgets/colour_bar.h"

#include "tests/catch.h"
#include "tests/unit/app/recording_canvas.h"

#include <cmath>

using namespace splatscope;

TEST_CASE("The bar is drawn from the table that colours the pixels", "[colour_bar]") {
    for (const ColourMapName map :
         {ColourMapName::viridis, ColourMapName::puor, ColourMapName::grey}) {
        const ColourTable table = colour_table(map);
        RecordingCanvas canvas(400, 60);
        draw_colour_bar(canvas, theme(ThemeName::dark), {{10, 10}, {270, 20}}, table,
                        {std::pow(10.0, -1.5), std::pow(10.0, 1.2), AxisScale::ratio}, "x uniform");
        const auto images = canvas.items(RecordingCanvas::Op::image);
        REQUIRE(images.size() == 1);
        REQUIRE(images[0].image.width == 256);
        for (std::size_t i = 0; i < 256; ++i) {
            CHECK((*images[0].image.pixels)[i] == table[i]);
            CHECK(colour_of_pixel(table[i]) == colour_at(map, static_cast<double>(i) / 255.0));
        }
        CHECK(canvas.find_text("uniform") != nullptr);
        CHECK(canvas.overlapping_texts().empty());
        CHECK(canvas.text_outside().empty());
    }
}

TEST_CASE("Marks of the bar stand where the axis puts them", "[colour_bar]") {
    RecordingCanvas canvas(400, 60);
    const Rect bar{{10, 10}, {280, 20}};
    draw_colour_bar(canvas, theme(ThemeName::dark), bar, colour_table(ColourMapName::viridis),
                    {std::pow(10.0, -1.5), std::pow(10.0, 1.2), AxisScale::ratio});
    const auto* label = canvas.find_text("uniform");
    REQUIRE(label != nullptr);
    CHECK(label->place.centre().x == Approx(10 + 270 * 1.5 / 2.7).margin(0.6));
}
