#include "engine/compute/card/card_uploads.h"

#include "engine/core/hash.h"

#include <algorithm>
#include <span>
#include <utility>

namespace hsa {
namespace {

std::uint64_t hash_of(MatrixView<const float> rows) {
    if (rows.empty()) return 0;
    if (rows.stride == rows.cols)
        return hash_values(std::span<const float>(rows.data, rows.rows * rows.cols));
    std::uint64_t hash = 0;
    for (std::size_t r = 0; r < rows.rows; ++r)
        hash = hash_values(std::span<const float>(rows.row(r)), hash);
    return hash;
}

template <class A, class B>
bool same_owner(const A& a, const B& b) {
    return !a.owner_before(b) && !b.owner_before(a);
}

}  // namespace

std::shared_ptr<const OnCard> CardUploads::rows(Card& card, MatrixView<const float> rows) {
    Upload wanted{hash_of(rows), rows.rows, rows.cols, nullptr};
    const auto found = std::find_if(uploads_.begin(), uploads_.end(), [&](const Upload& upload) {
        return upload.hash == wanted.hash && upload.rows == wanted.rows &&
               upload.columns == wanted.columns;
    });
    if (found != uploads_.end()) {
        uploads_.splice(uploads_.begin(), uploads_, found);
        return found->on;
    }
    // Room first: what is freed may be what there is too little of.
    const std::uint64_t most = card.bytes_at_once(bytes_);
    while (!uploads_.empty() && bytes_ + wanted.bytes() > most) {
        bytes_ -= uploads_.back().bytes();
        uploads_.pop_back();
    }
    wanted.on = card.send_rows(rows);
    ++sent_;
    std::shared_ptr<const OnCard> on = wanted.on;
    if (wanted.bytes() <= most) {
        bytes_ += wanted.bytes();
        uploads_.push_front(std::move(wanted));
    }
    return on;
}

CardUploads::Kept CardUploads::kept(Card& card, const KeptRows& rows) {
    owned_.remove_if([](const Owned& owned) { return owned.owner.expired(); });
    const auto found = std::find_if(owned_.begin(), owned_.end(), [&](const Owned& owned) {
        return same_owner(owned.owner, rows.owner) && owned.data == rows.rows.data;
    });
    if (found == owned_.end()) {
        Owned seen;
        seen.owner = rows.owner;
        seen.data = rows.rows.data;
        seen.bytes = rows.rows.rows * rows.rows.cols * sizeof(float) +
                     rows.before.rows * rows.before.cols * sizeof(double);
        owned_.push_front(std::move(seen));
        return {};
    }
    owned_.splice(owned_.begin(), owned_, found);
    if (found->on.rows || !make_room(card, *found)) return found->on;
    Kept made;
    made.rows = card.send_rows(rows.rows);
    made.before = card.send_sums(rows.before);
    found->on = made;
    return made;
}

void CardUploads::forget_kept() {
    for (Owned& owned : owned_) owned.on = {};
}

// Room for more of an owner: what others have goes, the longest unused first.
bool CardUploads::make_room(Card& card, const Owned& wanted) {
    std::uint64_t held = 0;
    std::uint64_t own = wanted.bytes;
    for (const Owned& owned : owned_) {
        if (!owned.on.rows) continue;
        held += owned.bytes;
        if (same_owner(owned.owner, wanted.owner)) own += owned.bytes;
    }
    const std::uint64_t most = card.bytes_to_keep(held);
    if (own > most || wanted.bytes > card.limits().kept) return false;
    for (auto last = owned_.rbegin(); last != owned_.rend() && held + wanted.bytes > most; ++last) {
        if (!last->on.rows || same_owner(last->owner, wanted.owner)) continue;
        last->on = {};
        held -= last->bytes;
    }
    return true;
}

}  // namespace hsa
