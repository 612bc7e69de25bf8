#include "engine/io/png.h"

#include "tests/unit/engine/io/io_test.h"

using hsa::PngImage;
using hsa::read_png;
using hsa::write_png;
using io_test::check_fails;

namespace {

PngImage gradient() {
    PngImage picture;
    picture.width = 17;
    picture.height = 9;
    for (std::size_t i = 0; i < 4 * picture.width * picture.height; ++i)
        picture.rgba.push_back(static_cast<std::uint8_t>(i * 3));
    picture.texts = {{"splatscope", "# splatscope-session 1\nset attention.top_k 64"},
                     {"Title", "caf\xC3\xA9"},
                     {"Long", std::string(5000, 'x')}};
    return picture;
}

}  // namespace

TEST_CASE("a picture and its texts come back as they went", "[io][png]") {
    const PngImage picture = gradient();
    const std::string bytes = write_png(picture);
    const PngImage back = read_png("a.png", bytes);
    CHECK(back.width == 17);
    CHECK(back.height == 9);
    CHECK(back.rgba == picture.rgba);
    CHECK(back.texts == picture.texts);
    CHECK(hsa::read_png_texts("a.png", bytes) == picture.texts);
    check_fails([&] { (void)hsa::read_png_texts("a.png", bytes.substr(0, 60)); }, {"a.png"});
    check_fails([&] { (void)hsa::read_png_texts("a.png", "hello"); }, {"not a PNG"});
}

TEST_CASE("the same picture gives the same bytes, without a time", "[io][png]") {
    const std::string bytes = write_png(gradient());
    CHECK(bytes == write_png(gradient()));
    CHECK(bytes.find("tIME") == std::string::npos);
}

TEST_CASE("what is no whole PNG is refused", "[io][png]") {
    const std::string bytes = write_png(gradient());
    check_fails([&] { (void)read_png("a.png", "hello"); }, {"a.png", "not a PNG", "expected"});
    for (std::size_t size = 8; size + 13 < bytes.size(); size += 7) {
        check_fails([&] { (void)read_png("a.png", bytes.substr(0, size)); },
                    {"a.png", "not a whole PNG"});
    }
    std::string flipped = bytes;
    flipped[20] = static_cast<char>(flipped[20] ^ 1);
    check_fails([&] { (void)read_png("a.png", flipped); }, {"a.png", "not a whole PNG"});
}

TEST_CASE("a picture without pixels is not written", "[io][png]") {
    check_fails([] { (void)write_png(PngImage{}); }, {"0 x 0 pixels"});
}
