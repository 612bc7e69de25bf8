#include "app/render/font_face.h"
#include "app/render/vector_page.h"
#include "app/render/visual_order.h"
#include "app/widgets/fonts.h"
#include "engine/core/error.h"
#include "engine/io/vector_picture.h"

#include <cairo/cairo-ft.h>
#include <cairo/cairo-pdf.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

constexpr double kHaloWidth = 3.0;

struct Destroy {
    void operator()(cairo_t* context) const { cairo_destroy(context); }
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_font_options_t* options) const { cairo_font_options_destroy(options); }
};
using Context = std::unique_ptr<cairo_t, Destroy>;
using Surface = std::unique_ptr<cairo_surface_t, Destroy>;

void check(cairo_status_t status) {
    if (status != CAIRO_STATUS_SUCCESS)
        hsa::fault("the PDF cannot be drawn: {}", cairo_status_to_string(status));
}

double real(float value) { return static_cast<double>(value); }

// A font of the program; the faces of FreeType behind them stay, too.
cairo_font_face_t* face_of(const FontFace& face) {
    static std::map<const FontFace*, cairo_font_face_t*> faces;
    cairo_font_face_t*& made = faces[&face];
    if (made == nullptr)
        made = cairo_ft_font_face_create_for_ft_face(face.freetype(), FT_LOAD_NO_HINTING);
    return made;
}

// Letters of one font that run one way, and the text they stand for in the order it is written.
struct Glyphs {
    const FontFace* face = nullptr;
    bool right_to_left = false;
    std::vector<cairo_glyph_t> glyphs;
    std::vector<std::string> letters;  // what each glyph stands for
};

// ARGB as Cairo holds it: native words, colours multiplied by alpha.
std::vector<std::uint32_t> as_argb(const std::vector<std::uint32_t>& rgba) {
    std::vector<std::uint32_t> out(rgba.size());
    std::transform(rgba.begin(), rgba.end(), out.begin(), [](std::uint32_t pixel) {
        const std::uint32_t alpha = pixel >> 24U;
        const auto share = [alpha](std::uint32_t byte) { return (byte * alpha + 127U) / 255U; };
        return alpha << 24U | share(pixel & 0xffU) << 16U | share(pixel >> 8U & 0xffU) << 8U |
               share(pixel >> 16U & 0xffU);
    });
    return out;
}

class PdfCanvas : public VectorCanvas {
  public:
    PdfCanvas(cairo_t* context, const Rect& bounds, float scale)
        : VectorCanvas(bounds, scale), context_(context) {
        cairo_save(context_);
        cairo_scale(context_, real(scale), real(scale));
    }
    ~PdfCanvas() override { cairo_restore(context_); }
    PdfCanvas(const PdfCanvas&) = delete;
    PdfCanvas& operator=(const PdfCanvas&) = delete;

    // The window draws lines through the middles of pixels.
    void line(Vec2 a, Vec2 b, Colour colour, float width) override {
        const double half = 0.5 / real(scale());
        cairo_move_to(context_, real(a.x) + half, real(a.y) + half);
        cairo_line_to(context_, real(b.x) + half, real(b.y) + half);
        stroke(colour, width);
    }
    void polyline(std::span<const Vec2> points, Colour colour, float width, bool closed) override {
        if (points.size() < 2) return;
        path(points);
        if (closed) cairo_close_path(context_);
        stroke(colour, width);
    }
    void polygon(std::span<const Vec2> points, Colour fill_colour) override {
        if (points.size() < 3) return;
        path(points);
        cairo_close_path(context_);
        fill(fill_colour);
    }
    void rect(const Rect& place, Colour fill_colour, float rounding) override {
        if (place.width() <= 0.0F || place.height() <= 0.0F) return;
        box(place, rounding);
        fill(fill_colour);
    }
    void rect_outline(const Rect& place, Colour colour, float width, float rounding) override {
        box(place, rounding);
        stroke(colour, width);
    }
    void circle(Vec2 centre, float radius, Colour fill_colour) override {
        ring(centre, real(radius));
        fill(fill_colour);
    }
    void circle_outline(Vec2 centre, float radius, Colour colour, float width) override {
        ring(centre, real(radius) - 0.5 / real(scale()));
        stroke(colour, width);
    }
    void push_clip(const Rect& place) override {
        cairo_save(context_);
        box(place, 0.0F);
        cairo_clip(context_);
    }
    void pop_clip() override { cairo_restore(context_); }

  private:
    void paint(Colour colour) {
        cairo_set_source_rgba(context_, colour.r / 255.0, colour.g / 255.0, colour.b / 255.0,
                              colour.a / 255.0);
    }
    void stroke(Colour colour, float width) {
        paint(colour);
        cairo_set_line_width(context_, real(width));
        cairo_stroke(context_);
    }
    void fill(Colour colour) {
        paint(colour);
        cairo_fill(context_);
    }
    void path(std::span<const Vec2> points) {
        for (const Vec2& point : points) cairo_line_to(context_, real(point.x), real(point.y));
    }
    void ring(Vec2 centre, double radius) {
        cairo_new_sub_path(context_);
        cairo_arc(context_, real(centre.x), real(centre.y), std::max(radius, 0.0), 0.0,
                  2.0 * std::numbers::pi);
        cairo_close_path(context_);
    }
    void box(const Rect& place, float rounding) {
        const double x0 = real(place.min.x), y0 = real(place.min.y);
        const double x1 = real(place.max.x), y1 = real(place.max.y);
        const double r = std::min(real(rounding), 0.5 * std::min(x1 - x0, y1 - y0));
        if (r <= 0.0) {
            cairo_rectangle(context_, x0, y0, std::max(x1 - x0, 0.0), std::max(y1 - y0, 0.0));
            return;
        }
        constexpr double kQuarter = 0.5 * std::numbers::pi;
        cairo_new_sub_path(context_);
        cairo_arc(context_, x1 - r, y0 + r, r, -kQuarter, 0.0);
        cairo_arc(context_, x1 - r, y1 - r, r, 0.0, kQuarter);
        cairo_arc(context_, x0 + r, y1 - r, r, kQuarter, 2.0 * kQuarter);
        cairo_arc(context_, x0 + r, y0 + r, r, 2.0 * kQuarter, 3.0 * kQuarter);
        cairo_close_path(context_);
    }
    void draw_pixels(const Pixels& pixels, const Rect& place, bool smooth) override {
        std::vector<std::uint32_t> argb = as_argb(pixels.values);
        const Surface surface(cairo_image_surface_create_for_data(
            reinterpret_cast<unsigned char*>(argb.data()), CAIRO_FORMAT_ARGB32, pixels.width,
            pixels.height, 4 * pixels.width));
        check(cairo_surface_status(surface.get()));
        cairo_save(context_);
        cairo_translate(context_, real(place.min.x), real(place.min.y));
        cairo_scale(context_, real(place.width()) / pixels.width,
                    real(place.height()) / pixels.height);
        cairo_set_source_surface(context_, surface.get(), 0.0, 0.0);
        cairo_pattern_set_filter(cairo_get_source(context_),
                                 smooth ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
        cairo_rectangle(context_, 0.0, 0.0, pixels.width, pixels.height);
        cairo_fill(context_);
        cairo_restore(context_);
        cairo_surface_finish(surface.get());  // the page keeps a copy of its own
    }
    // Each letter stands where the window puts it and says which letter it is, so that readers can
    // select and find it.
    void draw_text(Vec2 top_left, std::string_view text, const TextStyle& style) override {
        const double y = real(top_left.y + baseline(style));
        double x = real(top_left.x);
        Glyphs part;
        for (const auto& [letter, right_to_left] : ordered(text, style.direction)) {
            const FontFace& face = face_with(style.font, letter.letter);
            if (&face != part.face || right_to_left != part.right_to_left) {
                show(part, style);
                part = {&face, right_to_left, {}, {}};
            }
            std::string drawn;
            append_letter(drawn, letter.letter);
            part.glyphs.push_back({FT_Get_Char_Index(face.freetype(), letter.letter), x, y});
            part.letters.push_back(
                letter.letter == 0xfffd
                    ? drawn
                    : std::string(text.substr(letter.begin, letter.end - letter.begin)));
            x += real(letters_extent(drawn, style, scale()).x);
        }
        show(part, style);
    }
    // The letters from left to right, and which of them run to the left.
    static std::vector<std::pair<VisualLetter, bool>> ordered(std::string_view text,
                                                              Direction direction) {
        const auto size = static_cast<std::uint32_t>(text.size());
        const std::vector<VisualLetter> shaped = shaped_letters(text);
        std::vector<VisualRun> runs = {{0, size, direction == Direction::right_to_left}};
        if (direction == Direction::by_letters && may_run_right_to_left(text))
            runs = runs_of_lines(text, starts_right_to_left(text), {{0, size, false}}).front();
        std::vector<std::pair<VisualLetter, bool>> letters;
        for (const VisualRun& run : runs)
            for (const VisualLetter& letter : letters_of_run(shaped, run))
                letters.emplace_back(letter, run.right_to_left);
        return letters;
    }
    void show(Glyphs& part, const TextStyle& style) {
        if (part.glyphs.empty()) return;
        if (part.right_to_left) std::reverse(part.letters.begin(), part.letters.end());
        std::string words;
        std::vector<cairo_text_cluster_t> clusters;
        for (const std::string& letter : part.letters) {
            words += letter;
            clusters.push_back({static_cast<int>(letter.size()), 1});
        }
        const auto count = static_cast<int>(part.glyphs.size());
        cairo_set_font_face(context_, face_of(*part.face));
        cairo_set_font_size(context_, real(part.face->em(style.size)));
        if (style.halo.a > 0) {
            cairo_glyph_path(context_, part.glyphs.data(), count);
            cairo_set_line_join(context_, CAIRO_LINE_JOIN_ROUND);
            stroke(style.halo, static_cast<float>(kHaloWidth));
        }
        paint(style.colour);
        cairo_show_text_glyphs(context_, words.data(), static_cast<int>(words.size()),
                               part.glyphs.data(), count, clusters.data(),
                               static_cast<int>(clusters.size()),
                               part.right_to_left ? CAIRO_TEXT_CLUSTER_FLAG_BACKWARD
                                                  : static_cast<cairo_text_cluster_flags_t>(0));
    }

    cairo_t* context_;
};

class PdfPage : public VectorPage {
  public:
    PdfPage(PageSize size, const PageNotes& notes)
        : surface_(cairo_pdf_surface_create_for_stream(
              [](void* out, const unsigned char* bytes, unsigned length) {
                  static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes),
                                                         length);
                  return CAIRO_STATUS_SUCCESS;
              },
              &bytes_, size.width * size.points, size.height * size.points)) {
        check(cairo_surface_status(surface_.get()));
        // Before 1.5 what the file tells stands in it as it is, and can be read back.
        cairo_pdf_surface_restrict_to_version(surface_.get(), CAIRO_PDF_VERSION_1_4);
        const auto tell = [this](cairo_pdf_metadata_t what, const char* text) {
            cairo_pdf_surface_set_metadata(surface_.get(), what, text);
        };
        tell(CAIRO_PDF_METADATA_TITLE, notes.title.c_str());
        tell(CAIRO_PDF_METADATA_CREATOR, "Splatscope");
        tell(CAIRO_PDF_METADATA_KEYWORDS, hsa::pdf_keywords(notes.key, notes.text).c_str());
        tell(CAIRO_PDF_METADATA_CREATE_DATE, nullptr);  // the same picture, the same bytes
        context_.reset(cairo_create(surface_.get()));
        if (size.points != 1.0) cairo_scale(context_.get(), size.points, size.points);
        using Options = std::unique_ptr<cairo_font_options_t, Destroy>;
        const Options options(cairo_font_options_create());
        cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
        cairo_set_font_options(context_.get(), options.get());
    }

    std::unique_ptr<Canvas> canvas(const Rect& bounds, float scale) override {
        return std::make_unique<PdfCanvas>(context_.get(), bounds, scale);
    }
    std::string finish() override {
        check(cairo_status(context_.get()));
        cairo_show_page(context_.get());
        context_.reset();
        cairo_surface_finish(surface_.get());
        check(cairo_surface_status(surface_.get()));
        return std::move(bytes_);
    }

  private:
    std::string bytes_;
    Surface surface_;
    Context context_;
};

}  // namespace

std::unique_ptr<VectorPage> make_pdf_page(PageSize size, const PageNotes& notes) {
    return std::make_unique<PdfPage>(size, notes);
}

}  // namespace splatscope
