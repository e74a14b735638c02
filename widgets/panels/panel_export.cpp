// SPDX-License-Identifier: MIT
#include "widgets/panels/panel_export.h"

#include "engine/base/error.h"
#include "widgets/lab/rules.h"
#include "widgets/paint/qt/scene_export.h"
#include "widgets/panels/state_json.h"
#include "widgets/panels/table_model.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonDocument>
#include <QSaveFile>
#include <QStringList>
#include <string_view>

namespace depthscope::panels {

namespace {

constexpr QSize kDefaultSize(960, 320);
constexpr std::string_view kVideo = "panel.video"; ///< shows a clip, not the run

QString captionOf(const trace::ClipView& clip) {
    QStringList parts{QString::fromStdString(clip.name)};
    if (clip.frame) {
        parts << QCoreApplication::translate("PanelExport", "frame %1").arg(clip.frame->number);
        parts << QString::fromStdString(
            trace::timecode(clip, clip.frame->number, clip.frame->seconds));
    }
    return parts.join(QStringLiteral(" · "));
}

void writeCsv(const instruments::Table& table, const QString& path) {
    QSaveFile file(path);
    const QByteArray bytes = toCsv(table);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        throw Error(ErrorCode::BadInput,
                    (path + QStringLiteral(": ") + file.errorString()).toStdString(),
                    "Choose a writable folder on a disk with enough free space.");
    }
}

} // namespace

QString captionOf(const trace::TraceView& view) {
    if (!view.main) {
        return {};
    }
    const trace::StepTrace& step = *view.main->latest;
    QStringList parts;
    if (step.model) {
        parts << QString::fromStdString(step.model->name);
    }
    const std::string_view rule = settings::toString(step.settings.rule);
    parts << QString::fromUtf8(rule.data(), static_cast<qsizetype>(rule.size()));
    if (!step.settings.capacity.empty()) {
        parts << QCoreApplication::translate("PanelExport", "capacity %1")
                     .arg(QString::fromStdString(settings::toString(step.settings.capacity)));
    }
    if (settings::comparesWithTau(step.settings.rule)) {
        parts << QCoreApplication::translate("PanelExport", "tau %1").arg(step.settings.tau);
    }
    parts << QCoreApplication::translate("PanelExport", "%1 tokens").arg(view.main->places());
    if (step.offDistribution) {
        parts << QCoreApplication::translate("PanelExport", "outside training");
    }
    if (view.source == trace::Source::Recorded) {
        parts << QCoreApplication::translate("PanelExport", "recorded");
    }
    return parts.join(QStringLiteral(" · "));
}

void exportPanel(const PanelPicture& picture, const QString& path) {
    if (QFileInfo(path).suffix().toLower() == QLatin1String("csv")) {
        writeCsv(picture.instrument.table(picture.view, picture.text), path);
        return;
    }
    const QSize size = picture.size.isEmpty() ? kDefaultSize : picture.size;
    instruments::Viewport viewport;
    viewport.bounds = {0, 0, static_cast<float>(size.width()), static_cast<float>(size.height())};
    viewport.theme = &picture.theme;
    viewport.text = &picture.text;
    const scene::Scene scene =
        picture.instrument.draw(picture.view, picture.state, picture.cursor, viewport);
    const bool isClip = picture.view.clip && picture.instrument.id() == kVideo;
    paint::qt::ExportOptions options;
    options.theme = picture.theme;
    options.title = QString::fromStdString(picture.text.translate(picture.instrument.title()));
    options.caption = isClip ? captionOf(*picture.view.clip) : captionOf(picture.view);
    if (isClip) {
        options.recipe = QString::fromUtf8(
            QJsonDocument(clipJson(*picture.view.clip)).toJson(QJsonDocument::Compact));
    } else if (picture.view.main) {
        options.recipe = QString::fromUtf8(
            QJsonDocument(recipeJson(*picture.view.main)).toJson(QJsonDocument::Compact));
    }
    paint::qt::saveScene(scene, path, options);
}

} // namespace depthscope::panels
