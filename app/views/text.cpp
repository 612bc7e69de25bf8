#include "app/views/text_layout.h"
#include "app/views/text_legend.h"
#include "app/views/text_links.h"
#include "app/views/text_page.h"
#include "app/views/text_strip.h"
#include "app/views/text_tint.h"
#include "app/views/view.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/numbers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kEdge = 4.0F;  // in line with the title above
constexpr float kStripWidth = 8.0F;
constexpr float kMeasure = 52.0F * kTextSize;  // longest line of words that the eye finds back from
constexpr std::size_t kBytesAFrame = 1U
                                     << 20U;  // broken into lines in one frame: a few milliseconds
constexpr int kQuietFrames = 12;              // after the last wheel step, when scrolling is over
constexpr double kEase = 0.4;

// From the first to the last token of a page, which need not be its first and last place.
hsa::Range tokens_of(std::span<const TokenPlace> places) {
    if (places.empty()) return {};
    const auto [first, last] = std::minmax_element(
        places.begin(), places.end(),
        [](const TokenPlace& a, const TokenPlace& b) { return a.token < b.token; });
    return {first->token, last->token + std::size_t{1}};
}

class TextView final : public View {
  public:
    [[nodiscard]] std::string id() const override { return "text"; }
    [[nodiscard]] std::string title() const override { return "Text"; }
    [[nodiscard]] Place place() const override { return Place::left; }
    [[nodiscard]] bool scrolls() const override { return true; }
    [[nodiscard]] std::string help() const override {
        return "The document itself. Words are tinted by attention from or to the selection (as a "
               "multiple of uniform attention, the colours of the map), by their strongest splat "
               "or level, whose shape stands where it changes (in the strip too), or by any number "
               "they have (text.measure). While the "
               "pointer rests on a word, it is its attention that tints the page; a click pins it. "
               "Arcs (text.arcs) are the strongest links of the page, with a dot where they go "
               "to. Selected words are underlined in the accent, words that the "
               "selection lights up have a thin line.\n"
               "Click: select a word. Drag: a passage. Shift+click: up to here. Ctrl+click: add or "
               "take "
               "away. Wheel: scroll. The strip at the right is the whole document: drag in it. A "
               "strip "
               "beside a heading (text.heat) is its section: a click selects it and goes there.";
    }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"text.tint", "text.measure", "text.hover", "text.arcs", "text.heat"};
    }
    [[nodiscard]] std::string subtitle(const ViewContext& context) const override;
    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& pointer) override;

  private:
    enum class Gesture { none, words, strip };

    void lay_out(Canvas& canvas, const hsa::Snapshot& snapshot, float width);
    void follow_session(double scroll);
    void reveal_selection(const ViewContext& context);
    void scroll_by_wheel(const Pointer& pointer, Drawn& drawn);
    void send_scroll(double desk, Drawn& drawn);
    void pick_heat(const Pointer& pointer, const std::vector<HeatPlace>& heats,
                   const hsa::Selection& selection, Drawn& drawn);
    void pick(const Pointer& pointer, const Page& page, const ViewContext& context, Drawn& drawn);
    void want(const ViewContext& context, const Pointer& pointer, const Page& page, Drawn& drawn);
    [[nodiscard]] std::string tooltip(const ViewContext& context, const Tinting& tinting,
                                      std::uint32_t token) const;
    [[nodiscard]] const hsa::TextLook* answer(const ViewContext& context) const;
    [[nodiscard]] std::string not_shown(std::uint32_t token) const;
    [[nodiscard]] double line_count() const;
    [[nodiscard]] double last_scroll() const;
    [[nodiscard]] std::size_t line_of(std::size_t token) const;

    std::shared_ptr<const hsa::Dataset> dataset_;
    bool flowing_ = false;  // a text; else rows
    TextFonts fonts_;
    TextLayout layout_, next_;  // shown, and in the making for another width
    TextStrip strip_;
    std::vector<TokenPlace> places_;

    double scroll_ = 0.0, target_ = 0.0, desk_scroll_ = -1.0;
    double page_lines_ = 1.0;
    bool easing_ = false;
    int quiet_frames_ = 0;
    std::optional<hsa::Selection> seen_;
    bool reveal_ = false;    // bring the selection onto the page when it is known
    bool own_pick_ = false;  // the next change of the selection was made here

    Gesture gesture_ = Gesture::none;
    std::uint32_t drag_from_ = 0, drag_to_ = 0;
    std::optional<std::uint32_t> hovered_;  // the last word under the pointer while it is here
    hsa::Range links_page_;                 // the page whose links are wanted
};

std::string TextView::subtitle(const ViewContext& context) const {
    if (!context.snapshot.dataset) return {};
    std::string words;
    switch (context.session.desk.text.tint) {
        case TextTint::from: words = "attention from selection"; break;
        case TextTint::to: words = "attention to selection"; break;
        case TextTint::splat: words = "by strongest splat"; break;
        case TextTint::level: words = "by strongest level"; break;
        case TextTint::measure: words = "by " + context.session.desk.text.measure; break;
    }
    const std::vector<std::string>& scripts = fonts_.body_widths.unshaped();
    if (!scripts.empty()) words += fmt::format(", not shaped: {}", fmt::join(scripts, ", "));
    return words;
}

// What the look lane has of these data; null where it has nothing yet.
const hsa::TextLook* TextView::answer(const ViewContext& context) const {
    const hsa::LookResult& look = context.look;
    return look.text && look.of && look.of->dataset == dataset_ ? look.text.get() : nullptr;
}

// Letters of a token that no font has: "no font has U+1F30A".
std::string TextView::not_shown(std::uint32_t token) const {
    std::vector<std::string> letters;
    const std::string text = dataset_->token_text(token);
    for (std::size_t at = 0; at < text.size();) {
        const char32_t letter = next_letter(text, at);
        const std::string name = fmt::format("U+{:04X}", static_cast<std::uint32_t>(letter));
        if (fonts_.body_widths.is_missing(letter) &&
            std::find(letters.begin(), letters.end(), name) == letters.end())
            letters.push_back(name);
    }
    if (letters.empty()) return {};
    letters.resize(std::min<std::size_t>(letters.size(), 4));
    return fmt::format("no font has {}", fmt::join(letters, ", "));
}

std::string TextView::tooltip(const ViewContext& context, const Tinting& tinting,
                              std::uint32_t token) const {
    std::string words =
        fmt::format("token {}  “{}”", count_text(token), dataset_->token_text(token));
    const auto add = [&words](const char* between, const std::string& more) {
        if (!more.empty()) words += between + more;
    };
    add("  · ", section_title(*dataset_, token));
    add("\n", tinting.words(token));
    const hsa::TextLook* known = answer(context);
    if (known != nullptr && known->links && context.session.desk.text.arcs > 0)
        add("\n", words_of_links(*dataset_, *known->links, token,
                                 context.snapshot.factors && context.snapshot.factors->causal));
    if (flowing_) add("\n", not_shown(token));
    return words;
}

// Asks the look lane for what the page shows of numbers, links and the word under the pointer.
void TextView::want(const ViewContext& context, const Pointer& pointer, const Page& page,
                    Drawn& drawn) {
    const TextDesk& desk = context.session.desk.text;
    hsa::TextWanted wanted;
    if (desk.tint == TextTint::measure) wanted.number = desk.measure;
    if (desk.arcs > 0) {
        if (!easing_ && quiet_frames_ == 0) links_page_ = tokens_of(places_);
        wanted.page = links_page_;
        wanted.links = desk.arcs;
    }
    const bool here = pointer.inside && !context.exporting && desk.hover &&
                      gesture_ == Gesture::none && page.place.contains(pointer.position) &&
                      (desk.tint == TextTint::from || desk.tint == TextTint::to);
    if (!here) hovered_.reset();
    else if (const auto under = token_at(places_, pointer.position, false)) hovered_ = under;
    wanted.token = hovered_;
    wanted.towards = hovered_ && desk.tint == TextTint::to;
    if (!(wanted == hsa::TextWanted{})) drawn.text = wanted;
}

double TextView::line_count() const {
    if (!dataset_) return 0.0;
    return static_cast<double>(flowing_ ? layout_.lines().size() : dataset_->size());
}

// The last line may stand at the middle of the page, no higher.
double TextView::last_scroll() const {
    return std::max(0.0, line_count() - std::max(1.0, page_lines_ - 2.0));
}

std::size_t TextView::line_of(std::size_t token) const {
    return flowing_ ? layout_.line_of(token) : token;
}

// Breaks the text into lines, a piece a frame. Another width is laid out behind the page that is
// shown, and takes its place with the same words at the upper edge.
void TextView::lay_out(Canvas& canvas, const hsa::Snapshot& snapshot, float width) {
    if (snapshot.dataset != dataset_) {
        const bool same_text = dataset_ && snapshot.dataset && dataset_->text &&
                               dataset_->text == snapshot.dataset->text &&
                               dataset_->tokens.size() == snapshot.dataset->tokens.size();
        dataset_ = snapshot.dataset;
        flowing_ = dataset_ && dataset_->text && !dataset_->tokens.empty();
        if (!same_text) {
            layout_ = flowing_ ? TextLayout(dataset_, width) : TextLayout();
            next_ = TextLayout();
            seen_.reset();
            places_.clear();
        }
    }
    if (!flowing_) return;
    fonts_.body = {{}, Font::text, kTextSize};
    fonts_.heading = {{}, Font::bold, kSmallTextSize + 1.0F};
    fonts_.body_widths.set(fonts_.body);
    fonts_.heading_widths.set(fonts_.heading);
    if (layout_.width() != width) {
        if (!next_.dataset() || next_.width() != width)
            next_ = TextLayout(layout_.dataset(), width);
        next_.advance(canvas, fonts_, kBytesAFrame);
        if (!next_.complete()) return;
        const bool lines = !layout_.lines().empty();
        const std::size_t top =
            lines ? layout_.first_token(static_cast<std::size_t>(std::max(0.0, scroll_))) : 0;
        const bool at_begin = scroll_ < 1.0;
        layout_ = std::exchange(next_, TextLayout());
        if (lines && !at_begin && top < dataset_->tokens.size()) {
            scroll_ = static_cast<double>(layout_.line_of(top));
            target_ = scroll_;
        }
    }
    layout_.advance(canvas, fonts_, kBytesAFrame);
}

void TextView::follow_session(double scroll) {
    if (scroll != desk_scroll_) {
        desk_scroll_ = scroll;
        if (quiet_frames_ == 0 && gesture_ != Gesture::strip) {
            scroll_ = scroll;
            target_ = scroll;
            easing_ = false;
        }
    }
}

void TextView::send_scroll(double desk, Drawn& drawn) {
    quiet_frames_ = 0;
    const double rounded = std::round(target_ * 100.0) / 100.0;
    if (rounded != desk) drawn.commands.push_back(fmt::format("set text.scroll {}", rounded));
}

// A selection made elsewhere comes into view: its first token, or the first it lights up.
void TextView::reveal_selection(const ViewContext& context) {
    const hsa::Selection& selection = context.session.document.selection;
    if (!seen_ || !(*seen_ == selection)) {
        // At first sight a place the session names stays.
        const bool place_named = !seen_ && context.session.desk.text.scroll > 0.0;
        reveal_ = !selection.empty() && !own_pick_ && !place_named;
        own_pick_ = false;
        seen_ = selection;
    }
    if (!reveal_) return;
    std::optional<std::size_t> token;
    if (!selection.tokens.empty()) {
        token = selection.tokens.front().begin;
    } else if (selection.block) {
        token = selection.block->rows.begin;
    } else if (context.look.linked && context.look.selection == selection) {
        if (context.look.linked->tokens.empty()) reveal_ = false;
        else token = context.look.linked->tokens.front();
    }
    if (!token || (flowing_ && !layout_.reaches(*token))) return;
    reveal_ = false;
    const auto line = static_cast<double>(line_of(*token));
    if (line >= scroll_ + 0.5 && line < scroll_ + page_lines_ - 1.5) return;
    target_ = std::clamp(std::floor(line - page_lines_ / 4.0), 0.0, last_scroll());
    if (context.exporting) {
        scroll_ = target_;
        return;
    }
    easing_ = true;
    quiet_frames_ = 1;
}

void TextView::scroll_by_wheel(const Pointer& pointer, Drawn& drawn) {
    if (pointer.inside && pointer.wheel != 0.0F && gesture_ != Gesture::strip) {
        const double lines = pointer.ctrl ? 1.0 : pointer.shift ? page_lines_ - 1.0 : 3.0;
        if (!easing_) target_ = scroll_;
        target_ =
            std::clamp(target_ - lines * static_cast<double>(pointer.wheel), 0.0, last_scroll());
        easing_ = true;
        quiet_frames_ = 1;
    } else if (quiet_frames_ > 0) {
        ++quiet_frames_;
    }
    if (easing_) {
        scroll_ += kEase * (target_ - scroll_);
        if (std::fabs(target_ - scroll_) < 0.02) {
            scroll_ = target_;
            easing_ = false;
        }
    }
    if (quiet_frames_ > kQuietFrames && !easing_) send_scroll(desk_scroll_, drawn);
}

// Selects the section and goes to the place of it that the pointer is at.
void TextView::pick_heat(const Pointer& pointer, const std::vector<HeatPlace>& heats,
                         const hsa::Selection& selection, Drawn& drawn) {
    for (const HeatPlace& heat : heats) {
        const std::string command = "select.tokens " + range_argument(heat.tokens);
        drawn.hits.push_back({fmt::format("heat {}", heat.section), heat.place, command});
        if (!pointer.inside || !heat.place.contains(pointer.position)) continue;
        const std::size_t token = token_of(heat, pointer.position);
        if (drawn.tooltip.empty())
            drawn.tooltip = fmt::format("click to select this section and go to “{}” in it",
                                        dataset_->token_text(token));
        if (!pointer.clicked) continue;
        gesture_ = Gesture::none;
        hsa::Selection after;
        after.tokens = {heat.tokens};
        own_pick_ = !(after == selection);
        drawn.commands.push_back(command);
        target_ = std::clamp(std::floor(static_cast<double>(line_of(token)) - page_lines_ / 4.0),
                             0.0, last_scroll());
        easing_ = true;
        quiet_frames_ = 1;
    }
}

void TextView::pick(const Pointer& pointer, const Page& page, const ViewContext& context,
                    Drawn& drawn) {
    const auto under = token_at(places_, pointer.position, gesture_ == Gesture::words);
    if (pointer.pressed[0] && page.place.contains(pointer.press_position)) {
        if (const auto pressed = token_at(places_, pointer.press_position, false)) {
            gesture_ = Gesture::words;
            drag_from_ = *pressed;
            drag_to_ = *pressed;
        }
    }
    if (gesture_ != Gesture::words) return;
    if (pointer.down[0] && !pointer.clicked) {
        // Beyond the edges the page moves along.
        const float beyond =
            pointer.position.y < page.place.min.y   ? pointer.position.y - page.place.min.y
            : pointer.position.y > page.place.max.y ? pointer.position.y - page.place.max.y
                                                    : 0.0F;
        if (beyond != 0.0F) {
            scroll_ = std::clamp(scroll_ + 0.02 * static_cast<double>(beyond), 0.0, last_scroll());
            target_ = scroll_;
            quiet_frames_ = 1;
        }
        if (under) drag_to_ = *under;
        return;
    }
    gesture_ = Gesture::none;
    if (!pointer.released[0] && !pointer.clicked) return;
    const hsa::Selection& selection = context.session.document.selection;
    const PickedWords picked = picked_words(selection, drag_from_, drag_to_, pointer);
    own_pick_ = !(picked.after == selection);
    drawn.commands.push_back(picked.command);
}

Drawn TextView::draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) {
    Drawn drawn;
    const hsa::Snapshot& snapshot = context.snapshot;
    const Rect bounds = canvas.bounds();
    const bool legend = canvas.shows(Part::legend) && bounds.height() >= 200.0F;
    Page page;
    page.place = {
        {bounds.min.x + kEdge, bounds.min.y + 8.0F},
        {bounds.max.x - kStripWidth - 16.0F, bounds.max.y - (legend ? kTextLegendHeight : 4.0F)}};
    // Whole lines only: none is cut at the lower edge.
    const float lines = std::floor(page.place.height() / kTextLine);
    page.place.max.y = page.place.min.y + std::max(lines, 1.0F) * kTextLine;
    if (snapshot.dataset && snapshot.dataset->text)
        page.place.max.x = std::min(page.place.max.x, page.place.min.x + kMeasure);
    lay_out(canvas, snapshot, std::max(40.0F, page.place.width()));
    if (!dataset_ || dataset_->size() == 0) {
        draw_empty_state(canvas, context.theme, drawn, nothing_yet(snapshot));
        return drawn;
    }
    page_lines_ = std::max(1.0, static_cast<double>(page.place.height() / kTextLine));
    const Rect strip{{bounds.max.x - kStripWidth - 2.0F, bounds.min.y + 8.0F},
                     {bounds.max.x - 2.0F, page.place.max.y}};

    follow_session(context.session.desk.text.scroll);
    reveal_selection(context);
    if (!context.exporting) {
        if (pointer.pressed[0] && pointer.press_position.x >= strip.min.x - 4.0F &&
            pointer.press_position.y <= strip.max.y)
            gesture_ = Gesture::strip;
        if (gesture_ == Gesture::strip) {
            const float t = (pointer.position.y - strip.min.y) / std::max(strip.height(), 1.0F);
            const double at = std::clamp(static_cast<double>(t), 0.0, 1.0) *
                              static_cast<double>(dataset_->size() - 1);
            target_ = std::clamp(
                static_cast<double>(line_of(static_cast<std::size_t>(at))) - page_lines_ / 2.0, 0.0,
                last_scroll());
            scroll_ = target_;
            easing_ = false;
            if (!pointer.down[0] || pointer.released[0] || pointer.clicked) {
                gesture_ = Gesture::none;
                send_scroll(desk_scroll_, drawn);
            }
        }
        scroll_by_wheel(pointer, drawn);
    }
    const bool laid_out = !flowing_ || (layout_.complete() && !next_.dataset());
    if (laid_out) {
        scroll_ = std::clamp(scroll_, 0.0, last_scroll());
        target_ = std::clamp(target_, 0.0, last_scroll());
    }

    const Tinting tinting(context);
    const hsa::TextLook* known = answer(context);
    // The word under the pointer in the selection's place.
    const bool of_word = hovered_ && known != nullptr && known->token &&
                         known->token->size() == dataset_->size() &&
                         known->wanted.towards == (tinting.kind() == TextTint::to);
    const Tinting shown = of_word && tinting.by_attention()
                              ? tinting.of_word(*known->wanted.token, *known->token)
                              : tinting;
    page.first_line = scroll_;
    page.tinting = &shown;
    page.section_tinting = &tinting;
    page.heat = context.session.desk.text.heat;
    std::vector<HeatPlace> heats;
    page.heats = &heats;
    std::vector<hsa::Range> selected = context.session.document.selection.tokens;
    if (gesture_ == Gesture::words)
        selected = hsa::with_range(selected, {std::min(drag_from_, drag_to_),
                                              std::max(drag_from_, drag_to_) + std::size_t{1}});
    page.selected = selected;
    if (context.look.linked && context.look.of && context.look.of->dataset &&
        context.look.of->dataset->size() == dataset_->size())
        page.lit = context.look.linked->tokens;

    canvas.push_clip(
        {{bounds.min.x, page.place.min.y}, {page.place.max.x + 6.0F, page.place.max.y}});
    places_ = flowing_ ? draw_page(canvas, context.theme, page, layout_, fonts_)
                       : draw_rows(canvas, context.theme, page, *dataset_);
    const bool arcs = context.session.desk.text.arcs > 0;
    if (arcs && known != nullptr && known->links)
        draw_arcs(canvas, context.theme, places_, *known->links);
    canvas.pop_clip();
    want(context, pointer, page, drawn);
    if (!context.exporting) {
        pick(pointer, page, context, drawn);
        pick_heat(pointer, heats, context.session.document.selection, drawn);
    }

    const hsa::Range visible = tokens_of(places_);
    strip_.draw(canvas, context.theme, strip, tinting, dataset_->size(), context.scale);
    strip_.draw_marks(canvas, context.theme, strip, dataset_->size(), selected, page.lit, visible);

    for (const TokenPlace& place : places_) {
        const Vec2 middle = place.place.centre();
        if (!page.place.contains(middle)) continue;
        drawn.hits.push_back({fmt::format("token {}", place.token), place.place,
                              fmt::format("select.tokens {}", place.token)});
    }
    if (const auto under = token_at(places_, pointer.position, false);
        under && pointer.inside && !context.exporting && page.place.contains(pointer.position)) {
        drawn.tooltip = tooltip(context, shown, *under);
    }
    if (legend)
        draw_text_legend(canvas, context,
                         {{page.place.min.x, bounds.max.y - kTextLegendHeight + 4.0F},
                          {bounds.max.x - 8.0F, bounds.max.y}},
                         shown, places_, pointer, drawn);

    if (!page.lit.empty()) drawn.lit_tokens = context.look.linked;
    drawn.axes = {{"lines", scroll_, scroll_ + page_lines_}};
    if (!snapshot.factors_exact && !tinting.empty()) drawn.mark = hsa::Mark::approximate;
    const bool tint_due =
        tinting.by_attention() && !context.session.document.selection.empty() &&
        (!(context.look.selection == context.session.document.selection) || !is_current(context));
    const bool splats_due = !tinting.by_attention() && !snapshot.factors;
    const bool number_due =
        tinting.by_number() && (known == nullptr || !known->numbers || !is_current(context) ||
                                known->wanted.number != context.session.desk.text.measure);
    const bool links_due =
        arcs && (!snapshot.factors || (snapshot.factors_exact &&
                                       (known == nullptr || !known->links || !is_current(context) ||
                                        known->wanted.links != context.session.desk.text.arcs ||
                                        !(known->wanted.page == links_page_))));
    drawn.waiting = !laid_out || (snapshot.error.empty() &&
                                  (reveal_ || tint_due || splats_due || number_due || links_due));
    drawn.animating = !laid_out || easing_ || quiet_frames_ > 0 || gesture_ != Gesture::none;
    return drawn;
}

}  // namespace

std::unique_ptr<View> make_text_view() { return std::make_unique<TextView>(); }

}  // namespace splatscope
