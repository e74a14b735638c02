// SPDX-License-Identifier: MIT
// What the Train dock trains on. Of a video model it is part of the recipe: its fields clips and
// data, which the recipe dialog has too.
#include "widgets/panels/train_data.h"

#include "engine/spec/clip_preset.h"
#include "engine/spec/preset_info.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/train_panel.h"

#include <QLineEdit>
#include <QSignalBlocker>
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

} // namespace depthscope::panels
