#include "engine/model/heads.h"

#include "app/views/heads_layout.h"
#include "app/views/heads_pixels.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/widgets/chips.h"
#include "app/widgets/colour_bar.h"
#include "app/widgets/numbers.h"
#include "engine/core/hash.h"
#include "engine/fit/row_entropy.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

namespace splatscope {
namespace {

constexpr float kLeft = 30.0F;    // of the numbers of the layers
constexpr float kTop = 20.0F;     // of those of the heads
constexpr float kLegend = 30.0F;  // below the grid
constexpr double kGoodFit = 0.1;  // row-KL that a fit is meant to reach (real-heads.md)
constexpr std::size_t kPixels = 64;

// The three numbers of a head that are drawn as bars, all from 0 to 1.
struct Bar {
    const char* name;
    const char* help;
    std::size_t colour;  // class_colour
};
constexpr std::array<Bar, 3> kBars = {{{"spread", "row entropy over that of flat rows", 0},
                                       {"sink", "attention on the heaviest column", 1},
                                       {"near", "attention on tokens at most 2 away", 2}}};

std::array<double, 3> bar_values(const hsa::HeadNumbers& numbers, std::size_t tokens) {
    return {hsa::entropy_share(numbers.row_entropy, tokens), numbers.sink_share,
            numbers.near_share};
}

class HeadsView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "heads"; }
    [[nodiscard]] std::string title() const override { return "Heads"; }
    [[nodiscard]] std::string help() const override {
        return "Every head of the model on this text: a row a layer, a column a head. A "
               "thumbnail is the head's own exact attention, rows attend to columns, on a "
               "logarithmic scale over the range of that head.\n"
               "Bars: how spread its rows are (entropy over that of flat rows), the mass on its "
               "heaviest column, the mass within two tokens. With fits: the row-KL, in nats, of "
               "splats fitted to it, on rows that the fit never saw, and their form and number.\n"
               "Click opens the head in every view.";
    }
    [[nodiscard]] Place place() const override { return Place::centre; }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"view.heads.fits", "map.colours"};
    }
    [[nodiscard]] bool applies(const ViewContext& context) const override {
        return context.snapshot.dataset && hsa::head_count(*context.snapshot.dataset) > 1;
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        if (!applies(context)) return "";
        const hsa::HeadSource& heads = *context.snapshot.dataset->heads;
        std::string text = hsa::heads_text(heads.layers(), heads.heads());
        const hsa::HeadGrid* grid = grid_of(context);
        if (grid == nullptr) return text;
        text += fmt::format(" \u00b7 {}", counted(grid->tokens, "token"));
        if (!grid->all_rows) text += fmt::format(" \u00b7 {} rows a pixel", grid->rows_a_pixel);
        if (context.session.desk.heads.fits)
            text +=
                grid->fitted < grid->thumbnails.size()
                    ? fmt::format(" \u00b7 {} of {} fitted", grid->fitted, grid->thumbnails.size())
                    : fmt::format(" \u00b7 {}", fits_text(*grid));
        return text;
    }
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    static const hsa::HeadGrid* grid_of(const ViewContext& context);
    static std::string fits_text(const hsa::HeadGrid& grid);
    static std::string tooltip(const ViewContext& context, const hsa::HeadGrid& grid,
                               const hsa::HeadThumbnail& head);
    static std::string command_of(const hsa::HeadThumbnail& head);
    void draw_head(Canvas& canvas, const ViewContext& context, const hsa::HeadGrid& grid,
                   const HeadsLayout& layout, std::size_t index);
    static void draw_legend(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                            const Rect& place, const HeadsLayout& layout, Drawn& drawn);
    void take_images(const hsa::HeadGrid& grid, ColourMapName colours);

    std::shared_ptr<const hsa::HeadSource> source_;
    std::vector<Image> images_;
    ColourMapName colours_ = ColourMapName::viridis;
};

// Of these data's heads.
const hsa::HeadGrid* HeadsView::grid_of(const ViewContext& context) {
    const hsa::HeadGrid* grid = context.look.heads.get();
    if (grid == nullptr || !context.snapshot.dataset || !grid->of.dataset ||
        grid->of.dataset->heads != context.snapshot.dataset->heads)
        return nullptr;
    return grid;
}

std::string HeadsView::fits_text(const hsa::HeadGrid& grid) {
    std::size_t good = 0;
    std::vector<double> all;
    for (const hsa::HeadThumbnail& head : grid.thumbnails) {
        if (!head.fit || !head.fit->error.empty()) continue;
        all.push_back(head.fit->row_kl);
        good += head.fit->row_kl <= kGoodFit ? 1 : 0;
    }
    if (all.empty()) return "no fit";
    std::sort(all.begin(), all.end());
    return fmt::format("row-KL of fits: median {}, {} of {} at most {}",
                       number_text(all[all.size() / 2], 2), good, all.size(),
                       number_text(kGoodFit));
}

std::string HeadsView::tooltip(const ViewContext& context, const hsa::HeadGrid& grid,
                               const hsa::HeadThumbnail& head) {
    const hsa::HeadNumbers& n = head.numbers;
    const std::shared_ptr<const hsa::Dataset> seen = context.snapshot.dataset->heads->tokens();
    const hsa::Dataset& data = seen ? *seen : *context.snapshot.dataset;
    std::string text = fmt::format(
        "layer {}, head {}\nrow entropy {} of {} nats\nsink \"{}\" (token {}): {}\nwithin two "
        "tokens: {}",
        head.at.layer, head.at.head, number_text(n.row_entropy),
        number_text(std::log(static_cast<double>(std::max<std::size_t>(grid.tokens, 1)))),
        data.token_text(n.sink), count_text(n.sink), percent_text(n.sink_share),
        percent_text(n.near_share));
    if (!head.fit)
        return text + fmt::format("\nsplats for a row-KL of 0.1: about {}, with a near set {}",
                                  n.splats, n.splats_near);
    if (!head.fit->error.empty()) return text + "\n" + head.fit->error;
    text += fmt::format("\nfit: {} splats of the form {}, row-KL {} nats {}", head.fit->splats,
                        name_of(head.fit->form), number_text(head.fit->row_kl),
                        head.fit->on_drawn ? "on rows that it used" : "on rows never used");
    if (head.fit->pairs > 0) text += fmt::format(", {} exact pairs a row", head.fit->pairs);
    if (head.fit->output_error > 0.0)
        text += fmt::format(", output error {}", number_text(head.fit->output_error));
    return text;
}

std::string HeadsView::command_of(const hsa::HeadThumbnail& head) {
    std::string command = fmt::format("heads.show {} {}", head.at.layer, head.at.head);
    if (head.fit && head.fit->error.empty()) command += fmt::format(" {}", name_of(head.fit->form));
    return command;
}

void HeadsView::take_images(const hsa::HeadGrid& grid, ColourMapName colours) {
    const std::shared_ptr<const hsa::HeadSource>& source = grid.of.dataset->heads;
    if (source_ == source && colours_ == colours && images_.size() == grid.thumbnails.size())
        return;
    source_ = source;
    colours_ = colours;
    images_.clear();
    for (const hsa::HeadThumbnail& head : grid.thumbnails) {
        const std::uint64_t key =
            hsa::hash_values(std::span<const float>(head.cells.data(), head.cells.size()),
                             static_cast<std::uint64_t>(colours));
        images_.push_back(head_image(head.cells.view(), grid.tokens, colours, key));
    }
}

void HeadsView::draw_head(Canvas& canvas, const ViewContext& context, const hsa::HeadGrid& grid,
                          const HeadsLayout& layout, std::size_t index) {
    const Theme& theme = context.theme;
    const hsa::HeadThumbnail& head = grid.thumbnails[index];
    const Rect place = layout.thumbnail(head.at.layer, head.at.head);
    canvas.image(images_[index], place);
    const hsa::Dataset& data = *context.snapshot.dataset;
    const bool chosen = data.head && data.head_index == head.at;
    canvas.rect_outline(place, chosen ? theme.accent : theme.lines, chosen ? 2.0F : 1.0F);
    if (!layout.bars) return;
    const std::array<double, 3> values = bar_values(head.numbers, grid.tokens);
    for (std::size_t b = 0; b < values.size(); ++b) {
        const float top = place.max.y + 2.0F + 4.0F * static_cast<float>(b);
        const auto share = static_cast<float>(std::clamp(values[b], 0.0, 1.0));
        canvas.rect({{place.min.x, top}, {place.max.x, top + 3.0F}}, theme.lines);
        canvas.rect({{place.min.x, top}, {place.min.x + share * place.width(), top + 3.0F}},
                    class_colour(kBars[b].colour));
    }
    if (!layout.words || !head.fit) return;
    const std::string words =
        head.fit->error.empty()
            ? fmt::format("KL {} \u00b7 {}", number_text(head.fit->row_kl, 2), head.fit->splats)
            : std::string("no fit");
    const bool good = head.fit->error.empty() && head.fit->row_kl <= kGoodFit;
    const TextStyle style{good ? theme.secondary : theme.warning, Font::mono, 11.0F, Align::centre};
    (void)canvas.label({place.centre().x, place.max.y + kHeadBars},
                       canvas.fit(words, style, layout.width), style);
}

void HeadsView::draw_legend(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                            const Rect& place, const HeadsLayout& layout, Drawn& drawn) {
    const Theme& theme = context.theme;
    const bool fits = context.session.desk.heads.fits;
    const Chip chip{fits ? "Fits shown" : "Fit splats to every head", theme.text, fits};
    const float width = chip_width(canvas, chip.label);
    const Rect button{{place.max.x - width, place.min.y + 5.0F},
                      {place.max.x, place.min.y + 5.0F + kChipHeight}};
    const bool over = pointer.inside && !context.exporting && button.contains(pointer.position);
    draw_chip(canvas, theme, chip, button, over);
    drawn.hits.push_back({"heads fits", button, "toggle view.heads.fits"});
    if (over) drawn.tooltip = "splats fitted to each head: how near they come, on unseen rows";
    const TextStyle style{theme.secondary, Font::text, kSmallTextSize, Align::start, Align::centre};
    const float middle = place.min.y + 15.0F;
    float x = place.min.x;
    const auto words = [&](std::string_view text) {
        if (x + canvas.text_size(text, style).x > button.min.x - 8.0F) return false;
        (void)canvas.label({x, middle}, text, style);
        x += canvas.text_size(text, style).x + 14.0F;
        return true;
    };
    if (layout.bars)
        for (const Bar& bar : kBars) {
            const float at = x;
            x += 16.0F;
            if (!words(bar.name)) {
                x = at;
                continue;
            }
            canvas.rect({{at, middle - 2.0F}, {at + 12.0F, middle + 2.0F}},
                        class_colour(bar.colour));
        }
    constexpr float kBarWidth = 96.0F;
    const std::string_view caption = "attention, log, each head's own range";
    if (x + kBarWidth + 8.0F + canvas.text_size(caption, style).x < button.min.x - 8.0F) {
        const ColourTable table = colour_table(context.session.desk.map.colours);
        auto pixels = std::make_shared<std::vector<std::uint32_t>>(table.begin(), table.end());
        canvas.image({hsa::hash_values(std::span<const std::uint32_t>(table)), table.size(), 1,
                      std::move(pixels), true},
                     {{x, middle - 4.0F}, {x + kBarWidth, middle + 4.0F}});
        x += kBarWidth + 8.0F;
        (void)words(caption);
    }
}

Drawn HeadsView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    const Theme& theme = context.theme;
    if (!applies(context)) {
        draw_empty_state(canvas, theme, drawn,
                         snapshot.dataset ? "These data hold no heads of a model: open a text with "
                                            "embed.method model, or a .npz with queries and keys"
                                          : nothing_yet(snapshot));
        drawn.waiting = !context.session.document.sources.empty() && !snapshot.dataset &&
                        snapshot.error.empty();
        return drawn;
    }
    drawn.heads = hsa::HeadsWanted{kPixels, context.session.desk.heads.fits};
    const hsa::HeadGrid* grid = grid_of(context);
    if (grid == nullptr) {
        draw_empty_state(canvas, theme, drawn, "Reading the heads ...");
        drawn.waiting = true;
        return drawn;
    }
    const bool fitting = drawn.heads->fits && grid->fitted < grid->thumbnails.size();
    drawn.waiting = fitting;
    drawn.animating = fitting;
    drawn.mark = grid->all_rows ? hsa::Mark::exact : hsa::Mark::approximate;
    take_images(*grid, context.session.desk.map.colours);
    const Rect bounds = canvas.bounds();
    const Rect room{{bounds.min.x + kLeft, bounds.min.y + kTop},
                    {bounds.max.x - 8.0F, std::max(bounds.max.y - kLegend, bounds.min.y + 40.0F)}};
    const HeadsLayout layout = heads_layout(room, grid->layers, grid->heads);
    for (std::size_t index = 0; index < grid->thumbnails.size(); ++index)
        draw_head(canvas, context, *grid, layout, index);
    const TextStyle number{theme.secondary, Font::mono, 11.0F, Align::centre, Align::centre};
    for (std::size_t h = 0; h < grid->heads; ++h)
        (void)canvas.label({layout.thumbnail(0, h).centre().x, layout.place.min.y - 9.0F},
                           h == 0 ? "head 0" : std::to_string(h), number);
    for (std::size_t l = 0; l < grid->layers; ++l)
        (void)canvas.label({layout.place.min.x - 14.0F, layout.thumbnail(l, 0).centre().y},
                           fmt::format("L{}", l), number);
    for (const hsa::HeadThumbnail& head : grid->thumbnails) {
        const Rect place = layout.thumbnail(head.at.layer, head.at.head);
        drawn.hits.push_back(
            {fmt::format("head {} {}", head.at.layer, head.at.head), place, command_of(head)});
        if (!pointer.inside || context.exporting || !place.contains(pointer.position)) continue;
        drawn.tooltip = tooltip(context, *grid, head);
        canvas.rect_outline(place, theme.text, 1.0F);
        if (pointer.clicked) drawn.commands.push_back(command_of(head));
    }
    const std::size_t before = drawn.hits.size();
    if (canvas.shows(Part::legend))
        draw_legend(
            canvas, context, pointer,
            {{layout.place.min.x, bounds.max.y - kLegend}, {bounds.max.x - 8.0F, bounds.max.y}},
            layout, drawn);
    for (std::size_t h = before; h < drawn.hits.size(); ++h)
        if (pointer.clicked && drawn.hits[h].place.contains(pointer.position))
            drawn.commands.push_back(drawn.hits[h].command);
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_heads_view() { return std::make_unique<HeadsView>(); }

}  // namespace splatscope
