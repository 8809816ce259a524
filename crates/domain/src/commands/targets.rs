//! The methods that all commands about one registration, or one workshop, have in common.

/// Writes the methods of `OnRegistration` that find the registration and identify the command. The fields after the
/// problem are the other inputs, each with its name in the API.
macro_rules! on_registration {
    ($operation:literal, $not_found:ident $(, $field:ident: $name:literal)*) => {
        fn registration(&self) -> Option<$crate::RegistrationId> {
            self.registration
        }

        fn no_such_registration() -> Self::Refusal {
            $crate::problems::$not_found.into()
        }

        fn fingerprint(&self) -> $crate::Fingerprint {
            // A field that is not listed fails the build.
            let Self { registration, $($field),* } = self;
            let inputs = $crate::FingerprintInputs::default().field("registrationId", registration);
            $crate::Fingerprint::of($operation, &inputs$(.field($name, $field))*)
        }
    };
}
pub(crate) use on_registration;

/// Writes the methods of `OnWorkshop` that find the workshop, track or session and identify the command. The fields
/// after the problem are the other inputs, each with its name in the API. An id that each attempt generates anew
/// follows `without`.
macro_rules! on_workshop {
    (
        $operation:literal,
        $subject:ident($id:ident: $id_name:literal) or $not_found:ident
        $(, $field:ident: $name:literal)* $(; without $generated:ident)?
    ) => {
        fn subject(&self) -> Option<$crate::commands::Subject> {
            self.$id.map($crate::commands::Subject::$subject)
        }

        fn no_such_subject() -> Self::Refusal {
            $crate::problems::$not_found.into()
        }

        fn fingerprint(&self) -> $crate::Fingerprint {
            // A field that is not listed fails the build.
            let Self { $id, $($field,)* $($generated: _)? } = self;
            let inputs = $crate::FingerprintInputs::default().field($id_name, $id);
            $crate::Fingerprint::of($operation, &inputs$(.field($name, $field))*)
        }
    };
}
pub(crate) use on_workshop;
