#pragma once

#include <memory>
#include <string>
#include <vector>

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
    // `filters`: what a kind of files is called and its names, one after another.
    void ask_save(const std::string& name, const std::string& title,
                  const std::vector<std::string>& filters);
    [[nodiscard]] bool is_shown() const;
    // The path that was chosen since the last call; empty while nothing is, or when it was closed.
    [[nodiscard]] std::string take();

  private:
    struct Shown;
    std::unique_ptr<Shown> shown_;
};

}  // namespace splatscope
