#include "app/shell_sheets.h"

#include "app/commands/grammar.h"
#include "app/widgets/style.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <ctime>

namespace splatscope {
namespace {

constexpr std::size_t kMostEntries = 1000;

std::string time_of_day() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    (void)localtime_r(&now, &parts);
    return fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// A sheet in the middle, of a size that the window has room for.
bool begin_sheet(const char* title, bool& open, float width, float height) {
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const float scale = ImGui::GetStyle().FontScaleMain;
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    ImGui::SetNextWindowSize({std::min(width * scale, viewport->WorkSize.x - 20.0F),
                              std::min(height * scale, viewport->WorkSize.y - 20.0F)},
                             ImGuiCond_Appearing);
    return begin_above(title, &open, 0);
}

}  // namespace

void ShellSheets::toggle(Sheet sheet) { is_open(sheet) = !is_open(sheet); }

void ShellSheets::show_help(const std::string& title, const std::string& help) {
    help_title_ = title;
    help_ = help;
    toggle(Sheet::help);
}

bool ShellSheets::any_open() const {
    return std::any_of(std::begin(open_), std::end(open_), [](bool open) { return open; });
}

void ShellSheets::close() { std::fill(std::begin(open_), std::end(open_), false); }

void ShellSheets::note(const std::string& text, bool is_error) {
    entries_.push_back({time_of_day(), text, is_error});
    if (entries_.size() > kMostEntries) entries_.erase(entries_.begin());
}

void ShellSheets::draw() {
    if (is_open(Sheet::log)) draw_log();
    if (is_open(Sheet::jobs)) draw_jobs();
    if (is_open(Sheet::history)) draw_history();
    if (is_open(Sheet::help)) draw_help();
}

void ShellSheets::draw_log() {
    if (begin_sheet("Log", is_open(Sheet::log), 640.0F, 420.0F)) {
        if (ImGui::Button("Copy all")) {
            std::string all;
            for (const Entry& entry : entries_)
                all += fmt::format("{} {}{}\n", entry.time, entry.is_error ? "error: " : "",
                                   entry.text);
            ImGui::SetClipboardText(all.c_str());
        }
        ImGui::BeginChild("entries");
        if (entries_.empty()) ImGui::TextDisabled("Nothing was told so far.");
        for (const Entry& entry : entries_) {
            ImGui::TextDisabled("%s", entry.time.c_str());
            ImGui::SameLine();
            ImGui::TextWrapped("%s%s", entry.is_error ? "Error: " : "", entry.text.c_str());
        }
        if (ImGui::GetScrollY() >= ImGui::GetScrollMaxY()) ImGui::SetScrollHereY(1.0F);
        ImGui::EndChild();
    }
    ImGui::End();
}

void ShellSheets::draw_jobs() {
    if (begin_sheet("Jobs", is_open(Sheet::jobs), 560.0F, 260.0F)) {
        const std::vector<Job> jobs = runner_.jobs();
        const float scale = ImGui::GetStyle().FontScaleMain;
        int number = 0;
        if (jobs.empty()) ImGui::TextDisabled("Nothing runs, and nothing waits.");
        for (const Job& job : jobs) {
            if (job.waits) ImGui::TextDisabled("waits");
            else if (job.fraction < 0.0) ImGui::TextUnformatted("runs");
            else
                ImGui::ProgressBar(static_cast<float>(job.fraction),
                                   {110.0F * scale, ImGui::GetTextLineHeight()});
            // In every row at the same place, so that the pointer finds it.
            ImGui::SameLine(120.0F * scale);
            ImGui::PushID(number++);
            if (ImGui::SmallButton("Cancel")) runner_.submit("cancel " + quote_word(job.name));
            ImGui::PopID();
            ImGui::SameLine(190.0F * scale);
            ImGui::TextWrapped("%s", job.what.c_str());
        }
        if (jobs.size() > 1 && ImGui::Button("Cancel all that runs (Esc)"))
            runner_.submit("cancel");
    }
    ImGui::End();
}

// The steps, oldest first; a click goes back, or forward again, to how it was after that step.
void ShellSheets::draw_history() {
    if (begin_sheet("History of steps", is_open(Sheet::history), 520.0F, 420.0F)) {
        const std::vector<std::string> past = runner_.undo_history().past_names();
        const std::vector<std::string> future = runner_.undo_history().future_names();
        std::size_t undo = 0;
        std::size_t redo = 0;
        ImGui::BeginChild("steps");
        if (ImGui::Selectable("the beginning", past.empty())) undo = past.size();
        for (std::size_t s = 0; s < past.size(); ++s) {
            ImGui::PushID(static_cast<int>(s));
            const bool now = s + 1 == past.size();
            if (ImGui::Selectable(past[s].c_str(), now)) undo = past.size() - s - 1;
            ImGui::PopID();
        }
        for (std::size_t s = 0; s < future.size(); ++s) {
            ImGui::PushID(static_cast<int>(past.size() + s));
            ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
            if (ImGui::Selectable(("undone: " + future[s]).c_str(), false)) redo = s + 1;
            ImGui::PopStyleColor();
            ImGui::PopID();
        }
        ImGui::EndChild();
        for (; undo > 0; --undo) runner_.submit("undo");
        for (; redo > 0; --redo) runner_.submit("redo");
    }
    ImGui::End();
}

void ShellSheets::draw_help() {
    if (begin_sheet("How to read it###help", is_open(Sheet::help), 480.0F, 320.0F)) {
        ImGui::TextUnformatted(help_title_.c_str());
        ImGui::Separator();
        ImGui::TextWrapped("%s", help_.c_str());
    }
    ImGui::End();
}

}  // namespace splatscope
