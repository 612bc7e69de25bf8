#include "app/file_dialog.h"

#include <portable_file_dialogs.h>

#include <optional>

namespace splatscope {

struct FileDialog::Shown {
    std::optional<pfd::open_file> open;
    std::optional<pfd::save_file> save;
};

FileDialog::FileDialog() = default;

FileDialog::~FileDialog() {
    if (!shown_) return;
    if (shown_->open) shown_->open->kill();
    if (shown_->save) shown_->save->kill();
}

bool FileDialog::available() { return pfd::settings::available(); }

void FileDialog::ask_open() {
    shown_ = std::make_unique<Shown>();
    shown_->open.emplace("Open a file", "");
}

void FileDialog::ask_save(const std::string& name, const std::string& title,
                          const std::vector<std::string>& filters) {
    shown_ = std::make_unique<Shown>();
    shown_->save.emplace(title, name, filters);
}

bool FileDialog::is_shown() const { return shown_ != nullptr; }

std::string FileDialog::take() {
    if (!shown_) return {};
    std::string path;
    if (shown_->open) {
        if (!shown_->open->ready(0)) return {};
        const std::vector<std::string> chosen = shown_->open->result();
        if (!chosen.empty()) path = chosen.front();
    } else if (shown_->save) {
        if (!shown_->save->ready(0)) return {};
        path = shown_->save->result();
    }
    shown_.reset();
    return path;
}

}  // namespace splatscope
