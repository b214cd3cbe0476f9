package egide.app;

import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.content.Context;

/**
 * The notification that a foreground service must have, in the words and with the picture of the decoy (safety rule 18).
 * From Android 13 on it is shown nowhere, because the app never asks for notifications; the list of active apps
 * shows the app's name and icon all the same.
 */
final class Notice {
  private static final String CHANNEL = "main";

  static Notification of(Context context) {
    // A lower importance would make the platform add a notification of its own.
    NotificationChannel channel =
        new NotificationChannel(CHANNEL, context.getText(R.string.app), NotificationManager.IMPORTANCE_LOW);
    channel.setShowBadge(false);
    channel.setLockscreenVisibility(Notification.VISIBILITY_SECRET);
    context.getSystemService(NotificationManager.class).createNotificationChannel(channel);
    return new Notification.Builder(context, CHANNEL)
        .setContentTitle(context.getText(R.string.app))
        .setContentText(context.getText(R.string.notice))
        .setSmallIcon(R.drawable.notice)
        .setVisibility(Notification.VISIBILITY_SECRET)
        .setShowWhen(false)
        .build();
  }

  private Notice() {}
}
