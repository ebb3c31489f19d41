// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors

// Whether the person has administrative access in Cockpit now.
import { useEffect, useState } from "react";

export function useIsAdmin(): boolean {
    const [isAdmin, setAdmin] = useState(false);
    useEffect(() => {
        const permission = cockpit.permission({ admin: true });
        const look = () => setAdmin(permission.allowed === true);
        permission.addEventListener("changed", look);
        look();
        return () => permission.close();
    }, []);
    return isAdmin;
}
