/**
 * What the core wants of a phone, and the other way round. The core knows nothing of Android; android/app fills these ports with
 * the plain framework, tests fill them with a phone whose every state they set.
 */
package egide.core.ports;
