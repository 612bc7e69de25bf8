#include "app/history.h"

#include <utility>

namespace splatscope {
namespace {

constexpr std::size_t kSteps = 200;

}  // namespace

void UndoHistory::remember(const Document& before, const std::string& what) {
    past_.push_back({before, what});
    if (past_.size() > kSteps) past_.erase(past_.begin());
    future_.clear();
}

bool UndoHistory::undo(Document& document) {
    if (past_.empty()) return false;
    future_.push_back(
        {std::exchange(document, std::move(past_.back().document)), past_.back().what});
    past_.pop_back();
    return true;
}

bool UndoHistory::redo(Document& document) {
    if (future_.empty()) return false;
    past_.push_back(
        {std::exchange(document, std::move(future_.back().document)), future_.back().what});
    future_.pop_back();
    return true;
}

void UndoHistory::take_back(Document& document) {
    if (past_.empty()) return;
    document = std::move(past_.back().document);
    past_.pop_back();
}

}  // namespace splatscope
