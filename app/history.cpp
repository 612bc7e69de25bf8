#include "app/history.h"

#include <algorithm>
#include <utility>

namespace splatscope {
namespace {

constexpr std::size_t kSteps = 200;

}  // namespace

std::uint64_t UndoHistory::remember(const Document& before, const std::string& what) {
    past_.push_back({before, what, ++last_});
    if (past_.size() > kSteps) past_.erase(past_.begin());
    future_.clear();
    return last_;
}

std::vector<std::string> UndoHistory::past_names() const {
    std::vector<std::string> names;
    names.reserve(past_.size());
    for (const Step& step : past_) names.push_back(step.what);
    return names;
}

std::vector<std::string> UndoHistory::future_names() const {
    std::vector<std::string> names;
    names.reserve(future_.size());
    for (auto step = future_.rbegin(); step != future_.rend(); ++step) names.push_back(step->what);
    return names;
}

bool UndoHistory::undo(Document& document) {
    if (past_.empty()) return false;
    Step& step = past_.back();
    future_.push_back(
        {std::exchange(document, std::move(step.document)), std::move(step.what), step.number});
    past_.pop_back();
    return true;
}

bool UndoHistory::redo(Document& document) {
    if (future_.empty()) return false;
    Step& step = future_.back();
    past_.push_back(
        {std::exchange(document, std::move(step.document)), std::move(step.what), step.number});
    future_.pop_back();
    return true;
}

bool UndoHistory::can_redo(std::uint64_t number) const {
    return std::any_of(future_.begin(), future_.end(),
                       [&](const Step& step) { return step.number == number; });
}

void UndoHistory::each(const std::function<void(Document&)>& change) {
    for (std::vector<Step>* steps : {&past_, &future_})
        for (Step& step : *steps) change(step.document);
}

std::vector<std::string> UndoHistory::take_back(Document& document, std::uint64_t number) {
    const auto from = std::find_if(past_.begin(), past_.end(),
                                   [&](const Step& step) { return step.number == number; });
    std::vector<std::string> taken;
    if (from == past_.end()) return taken;
    document = std::move(from->document);
    for (auto step = from; step != past_.end(); ++step) taken.push_back(std::move(step->what));
    past_.erase(from, past_.end());
    future_.clear();
    return taken;
}

}  // namespace splatscope
