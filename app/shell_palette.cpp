#include "app/bindings.h"
#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/shell.h"
#include "app/widgets/style.h"

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace splatscope {
namespace {

std::string lowered(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::istringstream stream(lowered(text));
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

struct PaletteRow {
    std::string line;  // what is run, or its first word
    std::string arguments;
    std::string keys;
    std::string help;
    bool whole = false;  // run as it stands

    // Every word of the text stands somewhere in it, in small letters or large.
    [[nodiscard]] bool matches(const std::vector<std::string>& words) const {
        const std::string all = lowered(line + " " + help + " " + keys);
        return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
            return all.find(word) != std::string::npos;
        });
    }
};

// Whether a command can do without all of its arguments: nothing stands outside brackets.
bool all_optional(const std::string& arguments) {
    int depth = 0;
    for (const char c : arguments) {
        if (c == '[') ++depth;
        else if (c == ']') --depth;
        else if (depth == 0 && c != ' ' && c != '.') return false;  // [CYCLE]... is optional, too
    }
    return true;
}

// Every command, and below select.use the selections that were kept.
std::vector<PaletteRow> palette_rows(const Session& session, const Keys& keys) {
    std::vector<PaletteRow> rows;
    for (const CommandRow& row : command_table()) {
        rows.push_back(
            {row.name, row.arguments, keys.of(row), row.help, all_optional(row.arguments)});
        if (row.name != "select.use") continue;
        for (const auto& [name, selection] : session.document.kept)
            rows.push_back({row.name + " " + quote_word(name), describe(selection), "",
                            "selects what was kept as " + name, true});
    }
    return rows;
}

// Up and Down in the field choose a row; what was put into it is written on, not over.
int choose_row(ImGuiInputTextCallbackData* data) {
    PaletteChoice& choice = *static_cast<PaletteChoice*>(data->UserData);
    if (data->EventFlag == ImGuiInputTextFlags_CallbackHistory) {
        if (data->EventKey == ImGuiKey_DownArrow) ++choice.row;
        if (data->EventKey == ImGuiKey_UpArrow) choice.row = std::max(choice.row - 1, -1);
    } else if (choice.to_end) {
        choice.to_end = false;
        data->CursorPos = data->BufTextLen;
        data->ClearSelection();
    }
    return 0;
}

}  // namespace

void Shell::draw_palette() {
    if (!palette_open_) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const float scale = ImGui::GetStyle().FontScaleMain;
    ImGui::SetNextWindowPos({viewport->GetWorkCenter().x, viewport->WorkPos.y + 80.0F * scale},
                            ImGuiCond_Always, {0.5F, 0.0F});
    ImGui::SetNextWindowSize({std::min(760.0F * scale, viewport->WorkSize.x - 16.0F),
                              std::min(420.0F * scale, viewport->WorkSize.y - 100.0F * scale)});
    if (begin_above("Commands##palette", &palette_open_, 0)) {
        if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
        ImGui::SetNextItemWidth(-1.0F);
        const unsigned field = ImGui::GetID("##line");
        const std::string before = palette_text_;
        const bool entered = ImGui::InputTextWithHint(
            "##line", "a command, or some words of what it does; arrows choose", &palette_text_,
            ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_CallbackHistory |
                ImGuiInputTextFlags_CallbackAlways,
            choose_row, &palette_);
        if (palette_text_ != before) palette_.row = -1;
        // What is written out with its arguments finds its own row.
        const std::string first_word = palette_text_.substr(0, palette_text_.find(' '));
        const bool known =
            std::any_of(command_table().begin(), command_table().end(),
                        [&](const CommandRow& row) { return row.name == first_word; });
        const std::vector<std::string> words = words_of(known ? first_word : palette_text_);
        const float width = ImGui::GetContentRegionAvail().x;
        const ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), textures_, {}, 1.0F);
        const TextStyle style{{}, Font::text, kTextSize * scale};
        int shown = 0;
        std::optional<PaletteRow> taken;
        std::string only;
        ImGui::BeginChild("rows", {0.0F, 0.0F}, 0, ImGuiWindowFlags_NoNavInputs);
        for (PaletteRow& row : palette_rows(runner_.session(), keys_)) {
            if (!row.matches(words)) continue;
            if (only.empty()) only = row.line;
            const bool chosen = shown++ == palette_.row;
            const bool pressed = ImGui::Selectable(row.line.c_str(), chosen);
            if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", row.help.c_str());
            if (chosen && before == palette_text_) ImGui::SetScrollHereY();
            ImGui::SameLine(0.34F * width);
            const float keys_width =
                row.keys.empty() ? 0.0F : ImGui::CalcTextSize(row.keys.c_str()).x + 24.0F * scale;
            if (ImGui::IsItemVisible()) {
                const std::string about =
                    row.arguments + (row.arguments.empty() ? "" : "   ") + row.help;
                ImGui::TextDisabled(
                    "%s",
                    canvas.fit(about, style, 0.66F * width - keys_width - 24.0F * scale).c_str());
                if (keys_width > 0.0F) {
                    ImGui::SameLine(width - keys_width);
                    ImGui::TextUnformatted(row.keys.c_str());
                }
            } else {
                ImGui::NewLine();
            }
            if (pressed || (chosen && entered)) taken = row;
        }
        ImGui::EndChild();
        palette_.row = std::min(palette_.row, shown - 1);
        if (taken && !taken->whole) {
            palette_text_ = taken->line + " ";
            palette_.row = -1;
            palette_.to_end = true;
            give_keyboard_to(field);
        } else if (taken || (entered && !palette_text_.empty())) {
            runner_.submit(taken ? taken->line : known || only.empty() ? palette_text_ : only);
            palette_text_.clear();
            palette_.row = -1;
            palette_open_ = false;
        }
    }
    ImGui::End();
}

void Shell::draw_keys_sheet() {
    if (!keys_open_) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const float scale = ImGui::GetStyle().FontScaleMain;
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Always, {0.5F, 0.5F});
    ImGui::SetNextWindowSize({std::min(820.0F * scale, viewport->WorkSize.x - 16.0F),
                              std::min(620.0F * scale, viewport->WorkSize.y - 16.0F)});
    if (begin_above("Keys", &keys_open_, ImGuiWindowFlags_NoResize)) {
        for (const Binding& binding : bindings(keys_)) {
            ImGui::TextUnformatted(binding.key.c_str());
            ImGui::SameLine(std::min(230.0F * scale, 0.4F * ImGui::GetWindowWidth()));
            ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
            ImGui::TextWrapped("%s", binding.help.c_str());
            ImGui::PopStyleColor();
        }
    }
    ImGui::End();
}

}  // namespace splatscope
