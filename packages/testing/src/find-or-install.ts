import { installPackage, mayInstallPackages } from "./install-package.ts";

/**
 * → what `find` finds, if need be after the installation of the distribution's package of that name. @throws if it is
 * missing and may not be installed
 */
export function findOrInstall<Found>(find: () => Found | undefined, packageName: string): Found {
  const found = find();
  if (found !== undefined) return found;
  if (!mayInstallPackages())
    throw new Error(`This needs ${packageName}: install it, or run as root on Debian or Ubuntu, whose package it is.`);
  process.stderr.write(`no ${packageName} here: installing the package of that name\n`);
  installPackage(packageName);
  const installed = find();
  if (installed === undefined) throw new Error(`apt-get installed ${packageName}, but there is none`);
  return installed;
}
