#include "app/keys.h"
#include "app/shell.h"
#include "engine/core/error.h"
#include "engine/io/file.h"

#include <imgui.h>

#include <filesystem>

// Which view has the keys, and the file that says what keys do.
namespace splatscope {

void Shell::focus_view(int step) {
    const auto has_place = [this](const Panel& panel) {
        return runner_.session().desk.closed_views.count(panel.view->id()) == 0 &&
               panel.view->applies(context());
    };
    const auto count = static_cast<int>(panels_.size());
    int at = step > 0 ? -1 : count;
    for (int p = 0; p < count; ++p)
        if (panels_[static_cast<std::size_t>(p)].view->id() == focused_) at = p;
    const bool asks = files_.asks_about_crash() || runner_.session().document.sources.empty();
    for (int tried = 0; tried < count; ++tried) {
        at += step;
        // After the last view comes what asks or welcomes.
        if ((at < 0 || at >= count) && asks && !focused_.empty()) {
            to_above_ = true;
            return;
        }
        at = (at + count) % count;
        const Panel& panel = panels_[static_cast<std::size_t>(at)];
        if (!has_place(panel)) continue;
        to_focus_ = panel.view->id();
        return;
    }
}

void Shell::show_help_of_view() {
    if (focused_.empty()) focus_view(1);
    const std::string& id = focused_.empty() ? to_focus_ : focused_;
    if (id.empty()) return;
    const View& view = *panel(id).view;
    sheets_.show_help(view.title(), view.help());
}

void Shell::read_keys_file(bool make) {
    if (profile_ == nullptr) {
        if (make)
            hsa::fail(
                "window.keys_file: there is no folder of yours to keep keys in: set "
                "SPLATSCOPE_HOME, or start with --profile PATH.");
        return;
    }
    const std::string path = profile_->folder() + "/keys";
    if (!std::filesystem::exists(path)) {
        if (!make) return;
        std::error_code fault;
        std::filesystem::create_directories(profile_->folder(), fault);
        hsa::write_file(path, Keys::file_text(), hsa::Existing::refuse);
        say("Keys are written to " + path + ": change it, and call window.keys_file again.", false);
        return;
    }
    const std::vector<std::string> faults =
        keys_.read(hsa::read_file(path), path, [](const std::string& key) { return is_key(key); });
    for (const std::string& fault : faults) say(fault, true);
    if (make && faults.empty()) say("Keys are read from " + path + ".", false);
}

void Shell::draw_focus_ring() const {
    const float scale = ImGui::GetStyle().FontScaleMain;
    const Colour c = theme(runner_.session().desk.theme).accent;
    const ImVec2 corner = ImGui::GetWindowPos();
    const ImVec2 size = ImGui::GetWindowSize();
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect(corner, {corner.x + size.x, corner.y + size.y}, false);
    const float inset = scale;
    const float width = by_keys_ ? 2.0F : 1.0F;
    const int alpha = by_keys_ ? 255 : 110;
    list->AddRect({corner.x + inset, corner.y + inset},
                  {corner.x + size.x - inset, corner.y + size.y - inset},
                  IM_COL32(c.r, c.g, c.b, alpha), 4.0F * scale, 0, width * scale);
    list->PopClipRect();
}

}  // namespace splatscope
