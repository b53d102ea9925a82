package dev.heddle.operator.resources;

/**
 * What a mesh gets from the operator that installs it.
 *
 * @param registry put in front of image names when the MeshInstall names none; may be empty
 * @param tag the tag of images when the MeshInstall names none
 * @param operatorNamespace where the operator runs; nothing there is ever injected
 */
public record Release(String registry, String tag, String operatorNamespace) {}
