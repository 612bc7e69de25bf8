#pragma once

#include "app/session.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace splatscope {

// Undo and redo: older and newer values of the Document, at most 200. The Desk is not undoable.
class UndoHistory {
  public:
    // Remembers `before`, the Document a command replaced; forgets what could be redone. `what`
    // names the command for the menu. Returns the step's number, 1 for the first of all.
    std::uint64_t remember(const Document& before, const std::string& what);

    [[nodiscard]] bool can_undo() const { return !past_.empty(); }
    [[nodiscard]] bool can_redo() const { return !future_.empty(); }
    [[nodiscard]] std::string undo_name() const { return past_.empty() ? "" : past_.back().what; }
    [[nodiscard]] std::string redo_name() const {
        return future_.empty() ? "" : future_.back().what;
    }
    // The commands that can be undone, oldest first, and those that can be done again, the next
    // first.
    [[nodiscard]] std::vector<std::string> past_names() const;
    [[nodiscard]] std::vector<std::string> future_names() const;
    // False when there is nothing to undo or redo; `document` is unchanged then.
    bool undo(Document& document);
    bool redo(Document& document);
    // The number of the step that undo() would undo; 0 where there is none.
    [[nodiscard]] std::uint64_t newest() const { return past_.empty() ? 0 : past_.back().number; }
    // Whether a step of that number was undone and can be done again.
    [[nodiscard]] bool can_redo(std::uint64_t number) const;
    // Undoes a step and those after it as if they had never been: they cannot be done again.
    // Returns their commands, oldest first; empty, and `document` unchanged, when the step is not
    // there.
    std::vector<std::string> take_back(Document& document, std::uint64_t number);

    // Changes what every older and newer value says alike, such as which version of a file is read.
    void each(const std::function<void(Document&)>& change);

  private:
    struct Step {
        Document document;
        std::string what;
        std::uint64_t number = 0;
    };
    std::uint64_t last_ = 0;  // number given
    std::vector<Step> past_;
    std::vector<Step> future_;
};

}  // namespace splatscope
