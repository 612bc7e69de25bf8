#pragma once

#include "app/session.h"

#include <string>
#include <vector>

namespace splatscope {

// Undo and redo: older and newer values of the Document, at most 200. The Desk is not undoable.
class UndoHistory {
  public:
    // Remembers `before`, the Document a command replaced; forgets what could be redone. `what`
    // names the command for the menu.
    void remember(const Document& before, const std::string& what);

    [[nodiscard]] bool can_undo() const { return !past_.empty(); }
    [[nodiscard]] bool can_redo() const { return !future_.empty(); }
    [[nodiscard]] std::string undo_name() const { return past_.empty() ? "" : past_.back().what; }
    [[nodiscard]] std::string redo_name() const {
        return future_.empty() ? "" : future_.back().what;
    }
    // False when there is nothing to undo or redo; `document` is unchanged then.
    bool undo(Document& document);
    bool redo(Document& document);
    // Undoes a step as if it had never been: it cannot be done again.
    void take_back(Document& document);

  private:
    struct Step {
        Document document;
        std::string what;
    };
    std::vector<Step> past_;
    std::vector<Step> future_;
};

}  // namespace splatscope
