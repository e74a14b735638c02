// SPDX-License-Identifier: MIT
#include "widgets/panels/video_files.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QMimeDatabase>
#include <QStringList>

namespace depthscope::panels {

namespace {

/// Of files whose type Qt does not call a video.
const QStringList& otherEndings() {
    static const QStringList endings{
        QStringLiteral("y4m"),  QStringLiteral("ivf"),  QStringLiteral("nut"),
        QStringLiteral("mxf"),  QStringLiteral("264"),  QStringLiteral("265"),
        QStringLiteral("h264"), QStringLiteral("hevc"), QStringLiteral("obu"),
        QStringLiteral("ogg"),  QStringLiteral("apng")};
    return endings;
}

} // namespace

bool isVideo(const QString& path) {
    const QFileInfo info(path);
    if (info.isDir()) {
        const QDir folder(path);
        const QStringList images{QStringLiteral("*.png"), QStringLiteral("*.jpg"),
                                 QStringLiteral("*.jpeg"), QStringLiteral("*.webp")};
        return !folder.exists(QStringLiteral("config.json")) &&
               !folder.entryList(images, QDir::Files).isEmpty();
    }
    if (otherEndings().contains(info.suffix().toLower())) {
        return true;
    }
    const QString type = QMimeDatabase().mimeTypeForFile(info).name();
    return type.startsWith(QLatin1String("video/")) ||
           (type.startsWith(QLatin1String("image/")) && !type.contains(QLatin1String("svg")));
}

QString videoFilter() {
    return QCoreApplication::translate(
        "VideoFiles",
        "Videos and images (*.mp4 *.mkv *.webm *.mov *.avi *.ts *.mpg *.mpeg *.m4v *.ogv *.flv "
        "*.gif *.apng *.png *.jpg *.jpeg *.webp *.y4m);;All files (*)");
}

} // namespace depthscope::panels
