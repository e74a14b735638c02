// SPDX-License-Identifier: MIT
// What the Train dock trains on, and its form as a request. Of a video model it is part of the
// recipe: its fields clips and data, which the recipe dialog has too.
#include "widgets/panels/train_data.h"

#include "engine/spec/clip_preset.h"
#include "engine/spec/preset_info.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/path_edit.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_panel.h"

#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>
#include <string>
#include <vector>

namespace depthscope::panels {

namespace {

constexpr const char* kClips = "clips";
constexpr const char* kData = "data";

using Changes = std::vector<settings::RecipeChange>;

/// Empty: as the preset has it.
std::string changed(const Changes& changes, const char* name) {
    const auto found = std::ranges::find(changes, name, &settings::RecipeChange::name);
    return found != changes.end() ? found->value : std::string();
}

void change(Changes& changes, const char* name, const std::string& value) {
    std::erase_if(changes, [name](const auto& one) { return one.name == name; });
    if (!value.empty()) {
        changes.push_back({name, value});
    }
}

/// The preset's own value of a field.
std::string presetValue(const std::string& preset, const char* name) {
    const auto fields = spec::presetInfo(preset, {}, spec::NoEffect::LeaveOut).fields;
    const auto found = std::ranges::find(fields, name, &settings::RecipeField::name);
    return found != fields.end() ? found->value : std::string();
}

} // namespace

void TrainPanel::fillData() {
    const QSignalBlocker blockers[] = {QSignalBlocker(m_data), QSignalBlocker(m_file)};
    const QVariant before = m_data->currentData();
    m_data->clear();
    if (!learnsClips()) {
        m_data->addItem(tr("Graded text"), TrainData::Graded);
        m_data->addItem(tr("A text file"), TrainData::TextFile);
        m_data->addItem(tr("Graded text and a file"), TrainData::Both);
        m_data->setCurrentIndex(std::max(0, m_data->findData(before)));
        return;
    }
    for (const spec::ClipPreset& preset : spec::clipPresets()) {
        const auto name = QString::fromUtf8(preset.name.data(), qsizetype(preset.name.size()));
        m_data->addItem(tr("Clips: %1").arg(name), name);
        m_data->setItemData(m_data->count() - 1, tr(preset.help), Qt::ToolTipRole);
    }
    m_data->addItem(tr("A folder of videos"), QString());
    const std::string folder = changed(m_changes, kData);
    const std::string clips = changed(m_changes, kClips);
    const std::string shown =
        !clips.empty() ? clips : presetValue(m_preset->currentText().toStdString(), kClips);
    if (!folder.empty()) {
        m_file->setText(QString::fromStdString(folder));
    }
    m_data->setCurrentIndex(
        m_data->findData(folder.empty() ? QString::fromStdString(shown) : QString()));
}

bool TrainPanel::learnsOwn() const {
    return learnsClips() && m_data->currentData().toString().isEmpty();
}

void TrainPanel::chooseData() {
    if (!learnsClips()) {
        return;
    }
    const std::string preset = m_preset->currentText().toStdString();
    const std::string clips = m_data->currentData().toString().toStdString();
    change(m_changes, kClips, clips == presetValue(preset, kClips) ? std::string() : clips);
    change(m_changes, kData, learnsOwn() ? m_file->text().trimmed().toStdString() : std::string());
    suggestFolder();
}

runtime::TrainRequest TrainPanel::request() const {
    const int source = m_data->currentData().toInt();
    runtime::TrainRequest request;
    request.preset = m_preset->currentText().toStdString();
    request.outFolder = m_folder->text().toStdString();
    request.pictures = learnsClips();
    if (!learnsClips()) { // those are of the recipe
        request.textFile =
            source == TrainData::Graded ? std::string() : m_file->text().toStdString();
        request.corpus = source == TrainData::TextFile ? "" : "graded";
    }
    request.recipe = m_changes;
    request.steps = m_steps->value();
    request.resume = hasCheckpoint();
    return request;
}

void TrainPanel::fill(const runtime::TrainRequest& request) {
    const int preset = m_preset->findText(QString::fromStdString(request.preset));
    if (preset < 0 || m_train->isBusy()) {
        return;
    }
    m_preset->setCurrentIndex(preset); // drops the changes of another recipe
    m_changes = request.recipe;
    fillData();
    if (!learnsClips()) {
        const TrainData::Text source = request.textFile.empty() ? TrainData::Graded
                                       : request.corpus.empty() ? TrainData::TextFile
                                                                : TrainData::Both;
        m_data->setCurrentIndex(m_data->findData(source));
        m_file->setText(QString::fromStdString(request.textFile));
    }
    m_steps->setValue(request.steps);
    m_folder->setText(QString::fromStdString(request.outFolder));
    refresh();
}

void TrainPanel::goOn(const runtime::TrainRequest& request) {
    fill(request);
    m_another = m_another || !isChoosing(); // else Start would read New
    start();
}

} // namespace depthscope::panels
