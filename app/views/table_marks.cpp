#include "app/views/table_marks.h"

#include "app/views/view_names.h"
#include "app/widgets/numbers.h"
#include "app/widgets/sign.h"

#include <fmt/core.h>

#include <algorithm>

namespace splatscope {
namespace {

hsa::SplatId splat_of(const hsa::Listing& listing, std::size_t row) {
    return listing.of->registry->id[row];
}

template <class T>
bool holds(const std::vector<T>& sorted, T value) {
    return std::binary_search(sorted.begin(), sorted.end(), value);
}

}  // namespace

RowState state_of(const ViewContext& context, const hsa::Listing& listing, std::size_t row) {
    const hsa::Selection& selection = context.session.document.selection;
    const hsa::Linked* linked = context.look.linked.get();
    bool selected = false;
    bool lit = false;
    switch (listing.wanted.things) {
        case hsa::Things::splats:
            selected = holds(selection.splats, splat_of(listing, row));
            lit = linked != nullptr && holds(linked->splats, splat_of(listing, row));
            break;
        case hsa::Things::tokens:
            selected = hsa::covers(selection.tokens, row);
            lit = linked != nullptr && holds(linked->tokens, static_cast<std::uint32_t>(row));
            break;
        case hsa::Things::events:
            selected = selection.event == row;
            lit = linked != nullptr && holds(linked->events, row);
            break;
    }
    return selected ? RowState::selected : lit ? RowState::lit : RowState::plain;
}

std::string id_of(const hsa::Listing& listing, std::size_t row) {
    const std::size_t number = listing.wanted.things == hsa::Things::splats
                                   ? static_cast<std::size_t>(splat_of(listing, row))
                                   : row;
    return fmt::format("{} {}", hsa::name_of(listing.wanted.things), number);
}

std::string selecting_line(const hsa::Listing& listing, const char* how,
                           std::vector<std::size_t> rows) {
    if (listing.wanted.things == hsa::Things::events)
        return fmt::format("select.event {}{}", how, rows.back());
    std::sort(rows.begin(), rows.end());
    std::string line = fmt::format("select.{}s {}", hsa::name_of(listing.wanted.things), how);
    line.pop_back();
    if (listing.wanted.things == hsa::Things::splats) {
        for (const std::size_t row : rows) line += fmt::format(" {}", splat_of(listing, row));
        return line;
    }
    for (std::size_t r = 0; r < rows.size();) {
        std::size_t end = r + 1;
        while (end < rows.size() && rows[end] == rows[end - 1] + 1) ++end;
        if (end == r + 1) line += fmt::format(" {}", rows[r]);
        else line += " " + range_argument({rows[r], rows[end - 1] + 1});
        r = end;
    }
    return line;
}

void add_lit(const ViewContext& context, const hsa::Listing& listing, Drawn& drawn) {
    const hsa::Selection& selection = context.session.document.selection;
    const hsa::Linked* linked = context.look.linked.get();
    if (linked == nullptr) return;
    switch (listing.wanted.things) {
        case hsa::Things::splats:
            std::set_union(linked->splats.begin(), linked->splats.end(), selection.splats.begin(),
                           selection.splats.end(), std::back_inserter(drawn.lit_splats));
            return;
        case hsa::Things::tokens: drawn.lit_tokens = context.look.linked; return;
        case hsa::Things::events: break;
    }
    drawn.lit_events = linked->events;
    if (selection.event && !holds(linked->events, *selection.event))
        drawn.lit_events.insert(
            std::lower_bound(drawn.lit_events.begin(), drawn.lit_events.end(), *selection.event),
            *selection.event);
}

void draw_sign(Canvas& canvas, const ViewContext& context, const hsa::Field& field,
               const std::string& words, Vec2 middle) {
    if (words.empty()) return;
    if (field.name == "level")
        draw_sign(canvas, middle, sign_of_level(context.snapshot, words, context.theme), 8.0F);
    else canvas.marker(marker_of(hsa::event_kind(words)), middle, 8.0F, context.theme.text, 1.5F);
}

}  // namespace splatscope
