#include "engine/io/animation.h"

#include "engine/io/colour_cut.h"
#include "tests/catch.h"
#include "tests/unit/engine/io/io_test.h"

#if __has_include(<webp/demux.h>)
#include <webp/demux.h>
#endif
#if __has_include(<gif_lib.h>)
#include <gif_lib.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr int kWidth = 61;
constexpr int kHeight = 37;

// A square that walks over a slope of colours; `colours`: how many shades the slope has.
hsa::PngImage frame(int number, int colours, bool transparent = false) {
    hsa::PngImage picture;
    picture.width = kWidth;
    picture.height = kHeight;
    for (int y = 0; y < kHeight; ++y)
        for (int x = 0; x < kWidth; ++x) {
            const bool square = x >= 5 * number && x < 5 * number + 8 && y >= 10 && y < 20;
            const int shade = (x * kHeight + y) % colours;
            const std::uint8_t alpha = transparent && y < 8 ? 0 : 255;
            const auto byte = [](int value) { return static_cast<std::uint8_t>(value & 0xff); };
            for (const std::uint8_t value :
                 {square ? byte(255) : byte(shade), byte(shade * 7), byte(40 + shade / 3), alpha})
                picture.rgba.push_back(value);
        }
    return picture;
}

hsa::AnimationOptions options() {
    hsa::AnimationOptions made;
    made.width = kWidth;
    made.height = kHeight;
    made.delay_ms = 80;
    made.loops = 3;
    made.key = "a-key";
    made.text = "what it tells: \"quotes\", <signs> & \xC3\xA9";
    return made;
}

std::string written(hsa::AnimationWriter& writer, int frames, int colours,
                    bool transparent = false) {
    for (int f = 0; f < frames; ++f) writer.add(frame(f, colours, transparent));
    return writer.finish();
}

}  // namespace

#if __has_include(<webp/demux.h>)
TEST_CASE("a WebP decodes to the frames it was made of, pixel by pixel", "[io][animation]") {
    if (!hsa::writes_webp()) return;
    const std::string bytes = written(*hsa::make_webp_writer(options()), 5, 200);
    CHECK(bytes == written(*hsa::make_webp_writer(options()), 5, 200));
    CHECK(hsa::looks_like_webp(bytes));
    CHECK(hsa::read_webp_text(bytes, "a-key") == options().text);
    CHECK_FALSE(hsa::read_webp_text(bytes, "another"));
    const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
    WebPAnimDecoder* decoder = WebPAnimDecoderNew(&data, nullptr);
    REQUIRE(decoder != nullptr);
    WebPAnimInfo info{};
    REQUIRE(WebPAnimDecoderGetInfo(decoder, &info) != 0);
    CHECK(info.loop_count == 3);
    REQUIRE(info.frame_count == 5);
    for (int f = 0; f < 5; ++f) {
        std::uint8_t* pixels = nullptr;
        int time = 0;
        REQUIRE(WebPAnimDecoderGetNext(decoder, &pixels, &time) != 0);
        CHECK(time == 80 * (f + 1));
        const std::vector<std::uint8_t> wanted = frame(f, 200).rgba;
        CHECK(std::memcmp(pixels, wanted.data(), wanted.size()) == 0);
    }
    WebPAnimDecoderDelete(decoder);
    hsa::AnimationOptions lossy = options();
    lossy.quality = 20.0;
    CHECK(written(*hsa::make_webp_writer(lossy), 5, 200) != bytes);
}
#endif

#if __has_include(<gif_lib.h>)
namespace {

// Every frame as 0xRRGGBB with what lies below it where it shows nothing.
std::vector<std::vector<std::uint32_t>> decoded_gif(const std::string& bytes, int& delay) {
    struct In {
        const std::string* bytes;
        std::size_t at = 0;
    } in{&bytes};
    int error = 0;
    GifFileType* gif = DGifOpen(
        &in,
        [](GifFileType* file, GifByteType* out, int count) {
            auto* from = static_cast<In*>(file->UserData);
            const std::size_t size =
                std::min(static_cast<std::size_t>(count), from->bytes->size() - from->at);
            std::memcpy(out, from->bytes->data() + from->at, size);
            from->at += size;
            return static_cast<int>(size);
        },
        &error);
    REQUIRE(gif != nullptr);
    REQUIRE(DGifSlurp(gif) == GIF_OK);
    std::vector<std::vector<std::uint32_t>> frames;
    std::vector<std::uint32_t> canvas(static_cast<std::size_t>(kWidth * kHeight), 0xff000000U);
    for (int f = 0; f < gif->ImageCount; ++f) {
        const SavedImage& image = gif->SavedImages[f];
        GraphicsControlBlock control{};
        REQUIRE(DGifSavedExtensionToGCB(gif, f, &control) == GIF_OK);
        delay = control.DelayTime;
        for (int y = 0; y < image.ImageDesc.Height; ++y)
            for (int x = 0; x < image.ImageDesc.Width; ++x) {
                const int index = image.RasterBits[y * image.ImageDesc.Width + x];
                if (index == control.TransparentColor) continue;
                const GifColorType& colour = gif->SColorMap->Colors[index];
                canvas[static_cast<std::size_t>((y + image.ImageDesc.Top) * kWidth + x +
                                                image.ImageDesc.Left)] =
                    static_cast<std::uint32_t>(colour.Red) << 16U |
                    static_cast<std::uint32_t>(colour.Green) << 8U | colour.Blue;
            }
        frames.push_back(canvas);
    }
    DGifCloseFile(gif, nullptr);
    return frames;
}

}  // namespace

TEST_CASE("a GIF of few colours keeps them all, one of many comes near", "[io][animation]") {
    if (!hsa::writes_gif()) return;
    for (const int colours : {100, 250}) {
        INFO(colours);
        // With the square there are up to twice as many.
        const std::string bytes = written(*hsa::make_gif_writer(options()), 4, colours);
        CHECK(bytes == written(*hsa::make_gif_writer(options()), 4, colours));
        CHECK(hsa::looks_like_gif(bytes));
        CHECK(hsa::read_gif_text(bytes, "a-key") == options().text);
        CHECK_FALSE(hsa::read_gif_text(bytes, "another"));
        int delay = 0;
        const auto frames = decoded_gif(bytes, delay);
        CHECK(delay == 8);
        REQUIRE(frames.size() == 4);
        double worst = 0.0, sum = 0.0;
        std::size_t count = 0;
        for (int f = 0; f < 4; ++f) {
            const std::vector<std::uint8_t> wanted = frame(f, colours).rgba;
            for (std::size_t i = 0; i < frames[static_cast<std::size_t>(f)].size(); ++i)
                for (std::size_t c = 0; c < 3; ++c, ++count) {
                    const double got =
                        frames[static_cast<std::size_t>(f)][i] >> (16U - 8U * c) & 0xffU;
                    const double apart = std::abs(got - static_cast<double>(wanted[4 * i + c]));
                    worst = std::max(worst, apart);
                    sum += apart;
                }
        }
        if (colours == 100) CHECK(worst == 0.0);
        CHECK(sum / static_cast<double>(count) < 3.0);
    }
}
#endif

TEST_CASE("animations refuse what they cannot be", "[io][animation]") {
    if (!hsa::writes_webp() || !hsa::writes_gif()) return;
    hsa::AnimationOptions wrong = options();
    wrong.delay_ms = 1;
    io_test::check_fails([&] { (void)hsa::make_webp_writer(wrong); }, {"10 to 60000"});
    io_test::check_fails([&] { (void)hsa::make_gif_writer(wrong); }, {"10 to 60000"});
    wrong = options();
    wrong.width = 20000;
    io_test::check_fails([&] { (void)hsa::make_gif_writer(wrong); }, {"20000", "16383"});
    io_test::check_fails([&] { (void)hsa::make_gif_writer(options())->finish(); }, {"one frame"});
    io_test::check_fails([&] { (void)hsa::make_webp_writer(options())->finish(); }, {"one frame"});
    // Whatever the bytes are, reading ends.
    const std::string webp = written(*hsa::make_webp_writer(options()), 2, 50);
    const std::string gif = written(*hsa::make_gif_writer(options()), 2, 50);
    for (std::size_t size = 0; size < webp.size(); ++size)
        (void)hsa::read_webp_text(webp.substr(0, size), "a-key");
    for (std::size_t size = 0; size < gif.size(); ++size)
        (void)hsa::read_gif_text(gif.substr(0, size), "a-key");
    CHECK_FALSE(hsa::read_webp_text(webp.substr(0, 30), "a-key"));
    CHECK_FALSE(hsa::read_gif_text(gif.substr(0, 20), "a-key"));
}

TEST_CASE("a cut of colours keeps rare ones apart and does not depend on the order",
          "[io][animation]") {
    hsa::ColourCut forward, backward;
    std::vector<std::uint32_t> colours;
    for (std::uint32_t i = 0; i < 4000; ++i)
        colours.push_back((i * 7 % 200) << 16U | (i * 13 % 180) << 8U | (i * 3 % 90));
    for (const std::uint32_t rgb : colours) forward.count(rgb, 100);
    forward.count(0xff00ffU, 60);
    backward.count(0xff00ffU, 60);
    std::reverse(colours.begin(), colours.end());
    for (const std::uint32_t rgb : colours) backward.count(rgb, 100);
    const std::vector<hsa::PaletteColour> palette = forward.palette(64);
    CHECK(palette.size() == 64);
    CHECK(palette == backward.palette(64));
    CHECK(std::find(palette.begin(), palette.end(), hsa::PaletteColour{255, 0, 255}) !=
          palette.end());
    hsa::ColourCut few;
    few.count(0x102030U);
    few.count(0x405060U);
    CHECK(few.palette(255) ==
          std::vector<hsa::PaletteColour>{{0x10, 0x20, 0x30}, {0x40, 0x50, 0x60}});
}
