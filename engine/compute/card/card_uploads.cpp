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

}  // namespace hsa
