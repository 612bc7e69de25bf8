#include "engine/io/vector_picture.h"

#include "tests/catch.h"

#include <fmt/format.h>

#include <string>

namespace {

const std::string kTold =
    "# splatscope-session 1\nopen \"a & b <c>.txt\"\n\\ (x) \x01 \xC3\xA9 &amp; ]]>\r\n";

}  // namespace

TEST_CASE("an SVG and a PDF keep a text under a key", "[io][vector-picture]") {
    const std::string svg = "<svg>" + hsa::svg_metadata("our-key", kTold) + "<g/></svg>";
    CHECK(hsa::read_svg_text(svg, "our-key") == kTold);
    CHECK_FALSE(hsa::read_svg_text(svg, "other-key"));
    const std::string words = hsa::pdf_keywords("our-key", kTold);
    std::string escaped;
    for (const char letter : words) {
        CHECK(static_cast<unsigned char>(letter) < 0x80);
        if (letter == '(' || letter == ')' || letter == '\\') escaped += '\\';
        escaped += letter;
    }
    const std::string pdf = "%PDF-1.4\n<< /Keywords (" + escaped + ")\n>>\n";
    CHECK(hsa::read_pdf_text(pdf, "our-key") == kTold);
    CHECK_FALSE(hsa::read_pdf_text(pdf, "other-key"));
    std::string wide;
    for (const char letter : words) wide += fmt::format("{:04X}", static_cast<unsigned>(letter));
    CHECK(hsa::read_pdf_text("/Keywords <FEFF" + wide + ">", "our-key") == kTold);
    CHECK_FALSE(hsa::read_pdf_text("/Keywords <FEFF" + wide, "our-key"));
    CHECK_FALSE(hsa::read_pdf_text("/Keywords <FEFF" + wide + "00>", "our-key"));
    CHECK_FALSE(hsa::read_pdf_text("/Keywords <FEFF20AC" + wide + ">", "our-key"));
}

TEST_CASE("what is cut or is none of ours tells nothing", "[io][vector-picture]") {
    const std::string svg = hsa::svg_metadata("k", kTold);
    const std::string pdf = "/Keywords (" + hsa::pdf_keywords("k", "open x") + ")";
    for (std::size_t size = 0; size + 1 < svg.size() && size < 60; ++size)
        CHECK_FALSE(hsa::read_svg_text(svg.substr(0, size), "k"));
    for (std::size_t size = 0; size < pdf.size(); ++size)
        CHECK_FALSE(hsa::read_pdf_text(pdf.substr(0, size), "k"));
    CHECK_FALSE(hsa::read_svg_text("<metadata id=\"k\">plain words</metadata>", "k"));
    CHECK_FALSE(hsa::read_svg_text("<metadata id=\"k\">[1]</metadata>", "k"));
    CHECK_FALSE(hsa::read_pdf_text("/Keywords (a thesis, splats)", "k"));
}

TEST_CASE("an SVG is known by its beginning", "[io][vector-picture]") {
    CHECK(hsa::looks_like_svg("<svg xmlns="));
    CHECK(hsa::looks_like_svg("<?xml version=\"1.0\"?>\n<!-- a -->\n<svg>"));
    CHECK(hsa::looks_like_svg("\xEF\xBB\xBF<svg>"));
    CHECK_FALSE(hsa::looks_like_svg("<?xml version=\"1.0\"?>\n<html>"));
    CHECK_FALSE(hsa::looks_like_svg("Of <svg> in prose"));
    CHECK_FALSE(hsa::looks_like_svg(""));
}
