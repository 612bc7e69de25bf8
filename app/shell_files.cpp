#include "app/setting_values.h"
#include "app/shell.h"

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <filesystem>
#include <string>

namespace splatscope {

void Shell::ask_for_path(PathFor what) {
    path_for_ = what;
    path_text_ = what == PathFor::save ? runner_.session().desk.own_file : std::string();
    if (what == PathFor::save && path_text_.empty()) path_text_ = "work.session";
    focus_path_ = true;
}

void Shell::take_path(const std::string& path) {
    const char* command = path_for_ == PathFor::save ? "session.save " : "open ";
    runner_.submit(command + quote_word(path));
    path_for_ = PathFor::nothing;
}

void Shell::draw_path_field() {
    if (path_for_ == PathFor::nothing) return;
    const bool saves = path_for_ == PathFor::save;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    bool open = true;
    if (ImGui::Begin(saves ? "Save the session" : "Open a file", &open,
                     ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_AlwaysAutoResize |
                         ImGuiWindowFlags_NoSavedSettings)) {
        if (focus_path_) ImGui::SetKeyboardFocusHere();
        focus_path_ = false;
        ImGui::SetNextItemWidth(480.0F * ImGui::GetStyle().FontScaleMain);
        const bool entered = ImGui::InputTextWithHint(
            "##path",
            saves ? "path of the session" : "path of a text, vectors, splats, a run or a session",
            &path_text_, ImGuiInputTextFlags_EnterReturnsTrue);
        const bool pressed = ImGui::Button(saves ? "Save" : "Open");
        ImGui::SameLine();
        ImGui::TextDisabled(
            "%s", saves ? "a file of that name is replaced" : "or drop the file on the window");
        if ((entered || pressed) && !path_text_.empty()) take_path(path_text_);
    }
    ImGui::End();
    if (!open) path_for_ = PathFor::nothing;
}

void Shell::take_dropped() {
    for (const std::string& file : window_.take_dropped_files())
        runner_.submit("open " + quote_word(file));
}

// Under the next free name: a picture never replaces another.
void Shell::save_picture(bool transparent) {
    std::string path;
    int number = 0;
    do path = fmt::format("splatscope-{}.png", ++number);
    while (std::filesystem::exists(path));
    runner_.submit(fmt::format("view.export window {}{}", path, transparent ? " transparent" : ""));
}

}  // namespace splatscope
