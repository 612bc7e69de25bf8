#include "app/render/font_face.h"
#include "app/render/font_subset.h"
#include "app/render/vector_page.h"
#include "engine/core/base64.h"
#include "engine/io/png.h"
#include "engine/io/vector_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace splatscope {
namespace {

// What a reader takes that knows no fonts inside a file; the width of each text is written beside
// it.
constexpr std::string_view kStyle =
    "text{white-space:pre}"
    ".t,.b{font-family:Roboto,'DejaVu Sans','Droid Sans Fallback',NanumSquare,'Lohit "
    "Devanagari','Noto Sans',Arial,sans-serif}"
    ".b{font-weight:bold}"
    ".m{font-family:Inconsolata,'DejaVu Sans m','Droid Sans Fallback m','NanumSquare m','Lohit "
    "Devanagari m','DejaVu Sans','Droid Sans Fallback',NanumSquare,'Lohit Devanagari',monospace}"
    ".i{font-family:FontAwesome}";

// A font of the program as styles name it.
struct Family {
    std::string_view file, name;
    bool bold = false;
};
constexpr std::array<Family, 10> kFamilies = {{
    {"fonts/Roboto-Regular.ttf", "Roboto"},
    {"fonts/Roboto-Bold.ttf", "Roboto", true},
    {"fonts/Inconsolata-Medium.ttf", "Inconsolata"},
    {"fonts/fontawesome-webfont.ttf", "FontAwesome"},
    {"fonts/DejaVuSans.ttf", "DejaVu Sans"},
    {"fonts/DejaVuSans-Bold.ttf", "DejaVu Sans", true},
    {"fonts/DroidSansFallbackFull.ttf", "Droid Sans Fallback"},
    {"fonts/NanumSquareR.ttf", "NanumSquare"},
    {"fonts/NanumSquareB.ttf", "NanumSquare", true},
    {"fonts/Lohit-Devanagari.ttf", "Lohit Devanagari"},
}};
constexpr float kHaloWidth = 3.0F;

const char* class_of(Font font) {
    switch (font) {
        case Font::text: return "t";
        case Font::bold: return "b";
        case Font::mono: return "m";
        case Font::icons: return "i";
    }
    return "t";
}

// A hundredth of a pixel is finer than any eye; whole numbers stay short.
std::string number(float value) {
    const double rounded = std::round(static_cast<double>(value) * 100.0) / 100.0;
    return fmt::format("{}", rounded == 0.0 ? 0.0 : rounded);
}

std::string paint(const char* what, Colour colour) {
    std::string out =
        fmt::format(" {}=\"#{:02x}{:02x}{:02x}\"", what, colour.r, colour.g, colour.b);
    if (colour.a < 255)
        out += fmt::format(" {}-opacity=\"{:.3g}\"", what, static_cast<double>(colour.a) / 255.0);
    return out;
}

std::string stroke(Colour colour, float width) {
    return " fill=\"none\"" + paint("stroke", colour) +
           fmt::format(" stroke-width=\"{}\"", number(width));
}

std::string box(const Rect& place) {
    return fmt::format(R"( x="{}" y="{}" width="{}" height="{}")", number(place.min.x),
                       number(place.min.y), number(place.width()), number(place.height()));
}

std::string corners(float rounding) {
    return rounding > 0.0F ? fmt::format(" rx=\"{}\"", number(rounding)) : std::string();
}

std::string places(std::span<const Vec2> points) {
    std::string out = " points=\"";
    for (const Vec2& point : points) {
        if (&point != points.data()) out += ' ';
        out += number(point.x) + ',' + number(point.y);
    }
    return out + '"';
}

// Letters stay in the order they are written in: readers order and join them as the window does.
// The text begins at its left edge whatever its direction.
std::string way(std::string_view text, Direction direction) {
    const bool forced = direction != Direction::by_letters;
    const bool leftwards = forced ? direction == Direction::right_to_left
                                  : may_run_right_to_left(text) && starts_right_to_left(text);
    std::string out = leftwards ? R"( direction="rtl" text-anchor="end")" : "";
    if (forced) out += R"( unicode-bidi="bidi-override")";
    return out;
}

// Signs that XML does not allow at all are left out.
std::string escaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view three = text.substr(at, 3);
        if (three == "\uFFFE" || three == "\uFFFF") {
            at += 2;
            continue;
        }
        const char letter = text[at];
        switch (letter) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default:
                if (static_cast<unsigned char>(letter) >= 0x20) out += letter;
        }
    }
    return out;
}

// What is drawn with one font.
struct UsedFont {
    std::set<char32_t> letters;
    float size = 1.0F;  // of an em beside that of the font it stands in for
};

struct SvgBody {
    std::string elements;
    int clips = 0;  // every clip has a number of its own
    // By file, and whether it stands in for letters of Font::mono: there it has another size, and a
    // name of its own.
    std::map<std::pair<std::string_view, bool>, UsedFont> fonts;
};

// The fonts with no more than the letters that are drawn.
std::string fonts_inside(const SvgBody& body) {
    std::string out;
    for (const Family& family : kFamilies)
        for (const bool in_mono : {false, true}) {
            const auto used = body.fonts.find({family.file, in_mono});
            if (used == body.fonts.end()) continue;
            const std::string bytes = font_subset(family.file, used->second.letters);
            if (bytes.empty()) continue;
            out += fmt::format("@font-face{{font-family:'{}{}'", family.name, in_mono ? " m" : "");
            if (family.bold) out += ";font-weight:bold";
            const double percent =
                std::round(1000.0 * static_cast<double>(used->second.size)) / 10.0;
            if (percent != 100.0) out += fmt::format(";size-adjust:{:g}%", percent);
            out += ";src:url(data:font/ttf;base64," + hsa::base64(bytes) + ")format('truetype')}";
        }
    return out;
}

class SvgCanvas : public VectorCanvas {
  public:
    SvgCanvas(SvgBody& body, const Rect& bounds, float scale)
        : VectorCanvas(bounds, scale), body_(body) {
        put("<g{}>",
            scale == 1.0F ? std::string() : fmt::format(" transform=\"scale({})\"", number(scale)));
    }
    ~SvgCanvas() override { body_.elements += "</g>\n"; }
    SvgCanvas(const SvgCanvas&) = delete;
    SvgCanvas& operator=(const SvgCanvas&) = delete;

    // The window draws lines through the middles of pixels.
    void line(Vec2 a, Vec2 b, Colour colour, float width) override {
        const float half = 0.5F / scale();
        put(R"(<line x1="{}" y1="{}" x2="{}" y2="{}"{}/>)", number(a.x + half), number(a.y + half),
            number(b.x + half), number(b.y + half), stroke(colour, width));
    }
    void polyline(std::span<const Vec2> points, Colour colour, float width, bool closed) override {
        if (points.size() < 2) return;
        put("<{}{}{} stroke-linejoin=\"round\"/>", closed ? "polygon" : "polyline", places(points),
            stroke(colour, width));
    }
    void polygon(std::span<const Vec2> points, Colour fill) override {
        if (points.size() >= 3) put("<polygon{}{}/>", places(points), paint("fill", fill));
    }
    void rect(const Rect& place, Colour fill, float rounding) override {
        if (place.width() > 0.0F && place.height() > 0.0F)
            put("<rect{}{}{}/>", box(place), corners(rounding), paint("fill", fill));
    }
    void rect_outline(const Rect& place, Colour colour, float width, float rounding) override {
        if (place.width() >= 0.0F && place.height() >= 0.0F)
            put("<rect{}{}{}/>", box(place), corners(rounding), stroke(colour, width));
    }
    void circle(Vec2 centre, float radius, Colour fill) override {
        put(R"(<circle cx="{}" cy="{}" r="{}"{}/>)", number(centre.x), number(centre.y),
            number(std::max(radius, 0.0F)), paint("fill", fill));
    }
    void circle_outline(Vec2 centre, float radius, Colour colour, float width) override {
        put(R"(<circle cx="{}" cy="{}" r="{}"{}/>)", number(centre.x), number(centre.y),
            number(std::max(radius - 0.5F / scale(), 0.0F)), stroke(colour, width));
    }
    void push_clip(const Rect& place) override {
        const int id = ++body_.clips;
        const Rect shown = {
            place.min, {std::max(place.min.x, place.max.x), std::max(place.min.y, place.max.y)}};
        put("<clipPath id=\"c{}\"><rect{}/></clipPath><g clip-path=\"url(#c{})\">", id, box(shown),
            id);
    }
    void pop_clip() override { body_.elements += "</g>\n"; }

  private:
    template <class... Parts>
    void put(fmt::format_string<Parts...> form, Parts&&... parts) {
        fmt::format_to(std::back_inserter(body_.elements), form, std::forward<Parts>(parts)...);
        body_.elements += '\n';
    }
    void draw_pixels(const Pixels& pixels, const Rect& place, bool smooth) override {
        hsa::PngImage image;
        image.width = static_cast<std::size_t>(pixels.width);
        image.height = static_cast<std::size_t>(pixels.height);
        image.rgba.resize(pixels.values.size() * 4);
        std::memcpy(image.rgba.data(), pixels.values.data(), image.rgba.size());
        put(R"(<image{} preserveAspectRatio="none"{} xlink:href="data:image/png;base64,{}"/>)",
            box(place), smooth ? "" : " style=\"image-rendering:pixelated\"",
            hsa::base64(hsa::write_png(image)));
    }
    void draw_text(Vec2 top_left, std::string_view text, const TextStyle& style) override {
        const std::string words = escaped(text);
        if (words.find_first_not_of(' ') == std::string::npos) return;
        note_letters(text, style.font);
        std::string halo;
        if (style.halo.a > 0)
            halo =
                paint("stroke", style.halo) + fmt::format(
                                                  " stroke-width=\"{}\" stroke-linejoin=\"round\" "
                                                  "paint-order=\"stroke\"",
                                                  number(kHaloWidth));
        put("<text class=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\" textLength=\"{}\" "
            "lengthAdjust=\"spacingAndGlyphs\"{}{}{}>{}</text>",
            class_of(style.font), number(top_left.x), number(top_left.y + baseline(style)),
            number(font_face(style.font).em(style.size)), number(text_size(text, style).x),
            paint("fill", style.colour), halo, way(text, style.direction), words);
    }

    // Letters as they are written: their joined forms come with them.
    void note_letters(std::string_view text, Font font) {
        for (std::size_t at = 0; at < text.size();) {
            const char32_t letter = next_letter(text, at);
            if (letter < U' ') continue;
            const FontFace& face = face_with(font, letter);
            const bool in_mono = font == Font::mono && &face != &font_face(font);
            UsedFont& used = body_.fonts[{face.file(), in_mono}];
            used.letters.insert(letter);
            used.size = face.em(1.0F) / font_face(font).em(1.0F);
        }
    }

    SvgBody& body_;
};

class SvgPage : public VectorPage {
  public:
    SvgPage(PageSize size, PageNotes notes) : size_(size), notes_(std::move(notes)) {}

    std::unique_ptr<Canvas> canvas(const Rect& bounds, float scale) override {
        return std::make_unique<SvgCanvas>(body_, bounds, scale);
    }
    std::string finish() override {
        const std::string width = fmt::format("{:g}", size_.width);
        const std::string height = fmt::format("{:g}", size_.height);
        std::string out = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{}\" height=\"{}\" viewBox=\"0 0 "
            "{} {}\" xml:space=\"preserve\">\n<title>{}</title>\n{}\n<style>{}</style>\n",
            on_paper(size_.width, width), on_paper(size_.height, height), width, height,
            escaped(notes_.title), hsa::svg_metadata(notes_.key, notes_.text),
            fonts_inside(body_) + std::string(kStyle));
        return out + body_.elements + "</svg>\n";
    }

  private:
    // In pixels, or as the page is to be printed.
    [[nodiscard]] std::string on_paper(double pixels, const std::string& plain) const {
        constexpr double kMillimetres = 25.4 / 72.0;
        if (size_.points == 1.0) return plain;
        return fmt::format("{:g}mm", std::round(pixels * size_.points * kMillimetres * 1e3) / 1e3);
    }

    PageSize size_;
    PageNotes notes_;
    SvgBody body_;
};

}  // namespace

std::unique_ptr<VectorPage> make_svg_page(PageSize size, PageNotes notes) {
    return std::make_unique<SvgPage>(size, std::move(notes));
}

}  // namespace splatscope
