#include "app/views/view_waiting.h"

#include "app/views/view_names.h"

#include <string>

namespace splatscope {

bool is_coming(const ViewContext& context) {
    const hsa::Snapshot& snapshot = context.snapshot;
    // A complete snapshot without data is of the session before.
    return !context.session.document.sources.empty() && snapshot.error.empty() &&
           !(snapshot.complete && snapshot.dataset);
}

bool is_current(const ViewContext& context) {
    return context.look.of && context.look.of->factors == context.snapshot.factors;
}

hsa::Mark mark_of_attention(const hsa::Snapshot& snapshot) {
    if (!snapshot.factors_exact) return hsa::Mark::approximate;
    return snapshot.factors ? snapshot.factors->mark : hsa::Mark::exact;
}

void draw_nothing(Canvas& canvas, const ViewContext& context, Drawn& drawn,
                  std::string_view otherwise) {
    const hsa::Snapshot& snapshot = context.snapshot;
    drawn.waiting = is_coming(context);
    const bool says_state = drawn.waiting || !snapshot.dataset || !snapshot.error.empty();
    draw_empty_state(
        canvas, context.theme, drawn,
        says_state || otherwise.empty() ? nothing_yet(snapshot) : std::string(otherwise));
}

}  // namespace splatscope
