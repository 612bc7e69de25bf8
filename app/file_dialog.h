#pragma once

#include <memory>
#include <string>

namespace splatscope {

// The desktop's own file dialog: a program beside this one, so that the window goes on drawing.
class FileDialog {
  public:
    FileDialog();
    // Closes what is still shown.
    ~FileDialog();
    FileDialog(const FileDialog&) = delete;
    FileDialog& operator=(const FileDialog&) = delete;

    // Whether a program that shows such dialogs is installed (zenity, kdialog, ...).
    [[nodiscard]] static bool available();
    void ask_open();
    void ask_save(const std::string& name);
    [[nodiscard]] bool is_shown() const;
    // The path that was chosen since the last call; empty while nothing is, or when it was closed.
    [[nodiscard]] std::string take();

  private:
    struct Shown;
    std::unique_ptr<Shown> shown_;
};

}  // namespace splatscope
